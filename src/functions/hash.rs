//! `hash.*`: digests.

use sha2::{Digest, Sha256};

use super::fingerprint::fingerprint;
use super::{Args, Example, Function, Kind, ROW, Returns, required};
use crate::value::operators::{Overflow, whole_value};
use crate::value::{Type, Value};

pub(super) static FINGERPRINT2011: Function = Function {
    name: "hash.fingerprint2011",
    params: &[required("bytes_or_string", Kind::TextOrBytes)],
    returns: Returns::Fixed(Type::Uint),
    body: |args| whole_value(Some(i128::from(fingerprint(&args.bytes(0))))),
    summary: "An unsigned 64-bit fingerprint, taken (by its name and its range) to be Guava's `fingerprint2011`.",
    examples: &[Example { call: r#"hash.fingerprint2011("test")"#, gives: "8473225671271759044" }],
    ..ROW
};

pub(super) static SHA256: Function = Function {
    name: "hash.sha256",
    params: &[required("string", Kind::TextOrBytes)],
    returns: Returns::Fixed(Type::Text),
    body: sha256,
    summary: "The SHA-256 digest of the UTF-8 bytes, as 64 lower-case hexadecimal digits.",
    examples: &[Example {
        call: r#"hash.sha256("str")"#,
        gives: r#""8c25cb3686462e9a86d2883c5688a22fe738b0bbc85f458d2d2b5f3f667c6d5a""#,
    }],
    ..ROW
};

fn sha256<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let digest = Sha256::digest(args.bytes(0));
    Ok(Value::owned(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}
