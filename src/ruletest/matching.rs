//! Which detection stands for which expectation: as many pairs as there can be, no matter in what order they come.

use std::collections::VecDeque;

/// For each of `left`, its partner among `right`, where it has one; `fits` says who may stand together.
pub(super) fn pairs(left: usize, right: usize, fits: &dyn Fn(usize, usize) -> bool) -> Vec<Option<usize>> {
    let edges: Vec<Vec<usize>> =
        (0..left).map(|one| (0..right).filter(|other| fits(one, *other)).collect()).collect();
    let mut pairing = Pairing { edges, of_left: vec![None; left], of_right: vec![None; right] };
    for one in 0..left {
        pairing.seat(one);
    }
    pairing.of_left
}

struct Pairing {
    edges: Vec<Vec<usize>>,
    of_left: Vec<Option<usize>>,
    of_right: Vec<Option<usize>>,
}

impl Pairing {
    /// Finds a partner for `start`, moving others to partners of equal worth where that frees one.
    fn seat(&mut self, start: usize) {
        let mut reached_from: Vec<Option<usize>> = vec![None; self.of_right.len()];
        let mut open = VecDeque::from([start]);
        while let Some(one) = open.pop_front() {
            for &other in self.edges.get(one).into_iter().flatten() {
                let Some(reached @ None) = reached_from.get_mut(other) else { continue };
                *reached = Some(one);
                match self.of_right.get(other).copied().flatten() {
                    Some(taken_by) => open.push_back(taken_by),
                    None => return self.shift(other, &reached_from),
                }
            }
        }
    }

    /// Gives `free` to whom it was reached from, and that one's old partner to whom that was reached from.
    fn shift(&mut self, free: usize, reached_from: &[Option<usize>]) {
        let mut free = Some(free);
        while let Some(other) = free {
            let Some(one) = reached_from.get(other).copied().flatten() else { return };
            if let Some(partner) = self.of_right.get_mut(other) {
                *partner = Some(one);
            }
            free = self.of_left.get_mut(one).and_then(|partner| partner.replace(other));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_one_gives_way_to_one_that_has_no_other_choice() {
        let fits =
            |one: usize, other: usize| [(0, 0), (0, 1), (1, 0), (2, 1), (2, 2)].contains(&(one, other));
        assert_eq!(pairs(3, 3, &fits), [Some(1), Some(0), Some(2)]);
    }

    #[test]
    fn who_fits_nobody_is_left_alone() {
        assert_eq!(pairs(2, 1, &|_, _| true), [Some(0), None]);
        assert_eq!(pairs(2, 2, &|one, _| one == 1), [None, Some(0)]);
        assert_eq!(pairs(0, 3, &|_, _| true), []);
    }

    #[test]
    fn a_long_chain_of_moves_is_found() {
        let count = 500;
        let fits = |one: usize, other: usize| {
            if one == count - 1 { other == 0 } else { other == one || other == one + 1 }
        };
        assert!(pairs(count, count, &fits).iter().all(Option::is_some));
    }
}
