//! `bytes.*`: what becomes of bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Args, Example, Function, Kind, ROW, Returns, optional, required};
use crate::value::operators::Overflow;
use crate::value::{Type, Value};

pub(super) static TO_BASE64: Function = Function {
    name: "bytes.to_base64",
    params: &[required("bytes", Kind::Bytes), optional("default_string", Kind::Text)],
    returns: Returns::Fixed(Type::Text),
    body: to_base64,
    summary: "Base64 with the standard alphabet and padding; the default, or `\"\"`, for what is not bytes.",
    examples: &[Example {
        call: r#"bytes.to_base64(strings.from_hex("48656c6c6f"))"#,
        gives: r#""SGVsbG8=""#,
    }],
    ..ROW
};

fn to_base64<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let Some(Value::Bytes(bytes)) = args.get(0) else { return Ok(Value::owned(args.text(1))) };
    Ok(Value::owned(STANDARD.encode(bytes)))
}
