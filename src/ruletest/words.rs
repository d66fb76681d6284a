//! Failures in words.

use super::run::Failure;

impl Failure {
    /// What is to be said of it: a line, and further ones that are indented.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Failure::Count { expected, found } => vec![format!("expected {expected}, found {found}")],
            Failure::Unknown { message, help: None } => vec![message.clone()],
            Failure::Unknown { message, help: Some(help) } => vec![format!("{message}; {help}")],
            Failure::Missing { entry, nearest: None } => {
                vec![format!("entry {entry} of `expect`: no detection is left for it")]
            }
            Failure::Missing { entry, nearest: Some((nearest, differences)) } => {
                let mut lines =
                    vec![format!("entry {entry} of `expect`: the nearest detection is {nearest}")];
                for one in differences {
                    lines.push(format!("  {}", one.what));
                    lines.push(format!("    expected  {}", one.expected));
                    lines.push(format!("    found     {}", one.found));
                }
                lines
            }
            Failure::Found(detection) => vec![format!("found: {detection}")],
            Failure::Unexpected(detection) => vec![format!("not expected: {detection}")],
        }
    }
}
