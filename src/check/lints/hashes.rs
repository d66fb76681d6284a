//! Hashes: of the length that their kind has, and in the case in which they are written.

use super::texts::last;
use super::uses::{Use, Way};
use super::{View, gathered};
use crate::check::fields;
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::ExprKind;

/// Kinds of hash and how many digits they have.
const KINDS: [(&str, usize); 3] = [("md5", 32), ("sha1", 40), ("sha256", 64)];

/// `sha256 = "…"` with a literal that no such hash is.
pub(super) fn check(view: &View, found: &mut Vec<Diagnostic>) {
    let mut all = Vec::new();
    for one in view.uses.iter().filter(|one| one.way == Way::Whole && !one.text.is_empty()) {
        let (ExprKind::Field(field) | ExprKind::Quantified(_, field)) = &one.subject.kind else { continue };
        let Some((kind, digits)) = KINDS.iter().find(|(kind, _)| *kind == last(field)) else { continue };
        all.extend(judge(one, kind, *digits).map(|found| (fields::text(field), found)));
    }
    found.extend(gathered(all));
}

fn judge(one: &Use, kind: &str, digits: usize) -> Option<Diagnostic> {
    let hex = one.text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hex || one.text.len() != digits {
        let other = KINDS.iter().find(|(_, length)| hex && *length == one.text.len());
        let help = match other {
            Some((other, _)) => format!("this is as long as a {other} hash: compare the field `{other}`"),
            None => format!("write the {digits} hexadecimal digits of the hash"),
        };
        let message = format!(
            "{} {kind} hash has {digits} hexadecimal digits, and this has {} characters",
            if kind == "md5" { "an" } else { "a" },
            one.text.len()
        );
        return Some(Diagnostic::new(&codes::HASH_LENGTH, one.span, message).help(help));
    }
    let lower = one.text.to_ascii_lowercase();
    (lower != one.text && !one.folds).then(|| {
        Diagnostic::new(&codes::HASH_CASE, one.span, "hashes are mostly written in small letters")
            .help(format!("write `\"{lower}\"`, or add `nocase`"))
    })
}
