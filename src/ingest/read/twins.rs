//! Fields that a message has in both spellings: camelCase wins with all that is in it.
//!
//! Almost no record has such fields, so a reading only notices the first of them and stops. The next one looks through
//! each message before it reads it.

use super::{First, JsonError, Node, Reader, Spelling, Stop, name};

/// Whether a record may have fields in both spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twins {
    /// None was met so far.
    Unmet,
    /// It has some.
    Met,
}

/// The fields that a message has. Each goes by the place of its camelCase key.
pub(super) enum Given {
    /// What was read of it, a bit for each place; two far apart may share one, which costs no more than a second reading.
    Noticed(u128),
    /// All that stand in it in camelCase.
    InCamel(Vec<usize>),
}

impl<'r> Reader<'r, '_> {
    /// What is known of the message at hand before it is read.
    pub(super) fn given(&self, node: &'r Node) -> Result<Given, JsonError> {
        match self.twins {
            Twins::Unmet => Ok(Given::Noticed(0)),
            Twins::Met => self.in_camel(node).map(Given::InCamel),
        }
    }

    fn in_camel(&self, node: &'r Node) -> Result<Vec<usize>, JsonError> {
        let (mut cursor, mut first, mut found) = (self.cursor.clone(), First::Yes, Vec::new());
        cursor.open(b'{')?;
        while cursor.more(&mut first, b'}')? {
            let key = cursor.key()?;
            let mut unescaped = String::new();
            let name = name(&cursor, key, &mut unescaped);
            let is_it = |(known, spelling, _): &(Box<str>, Spelling, _)| {
                *spelling == Spelling::Camel && known.as_bytes() == name
            };
            let place = node.keys.iter().position(is_it);
            if cursor.peek()? != b'n' {
                found.extend(place);
            }
            cursor.skip()?;
        }
        Ok(found)
    }

    /// Does the key at this place of its node not count, since the message has the other spelling?
    pub(super) fn is_ruled_out(
        &mut self,
        place: usize,
        spelling: Spelling,
        given: &mut Given,
    ) -> Result<bool, Stop> {
        let field = match spelling {
            Spelling::Only => return Ok(false),
            Spelling::Camel => place,
            Spelling::Snake => place.wrapping_sub(1),
        };
        match given {
            Given::InCamel(fields) => Ok(spelling == Spelling::Snake && fields.contains(&field)),
            Given::Noticed(_) if self.cursor.peek()? == b'n' => Ok(false),
            Given::Noticed(bits) => {
                let bit = 1 << (field % 128);
                if *bits & bit != 0 {
                    return Err(Stop::Twins);
                }
                *bits |= bit;
                Ok(false)
            }
        }
    }
}
