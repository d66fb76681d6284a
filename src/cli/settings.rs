//! `yaral.toml`: the settings of a folder of rules, found upwards from each path; what stands on the command line wins.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Stop, walk};
use crate::diag::{Code, codes};

/// The name of the file.
const NAME: &str = "yaral.toml";

/// What may be set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Codes, or beginnings of codes, that alone are reported.
    #[serde(deserialize_with = "one_or_more")]
    pub select: Vec<String>,
    /// Codes, or beginnings of codes, that are not reported.
    #[serde(deserialize_with = "one_or_more")]
    pub ignore: Vec<String>,
    /// `warnings`
    #[serde(deserialize_with = "one_or_more")]
    pub deny: Vec<String>,
    /// Does what Google SecOps refuses count as an error?
    pub google: bool,
    /// Folders with reference lists.
    #[serde(deserialize_with = "one_or_more")]
    pub lists: Vec<PathBuf>,
    /// Folders with data tables.
    #[serde(deserialize_with = "one_or_more")]
    pub tables: Vec<PathBuf>,
    /// Files with entities.
    #[serde(deserialize_with = "one_or_more")]
    pub entities: Vec<PathBuf>,
}

/// One value, or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Values<T> {
    One(T),
    Many(Vec<T>),
}

fn one_or_more<'de, T, D>(from: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Ok(match Values::deserialize(from)? {
        Values::One(one) => vec![one],
        Values::Many(many) => many,
    })
}

impl Settings {
    /// The nearest settings at or above `path`; none where there is no such file.
    ///
    /// # Errors
    /// The file cannot be read, or says something that is not known.
    pub fn nearest(path: &Path) -> Result<Settings, Stop> {
        let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let found = whole.ancestors().map(|folder| folder.join(NAME)).find(|file| file.is_file());
        found.map_or_else(|| Ok(Settings::default()), |file| Settings::read(&file))
    }

    fn read(file: &Path) -> Result<Settings, Stop> {
        let name = walk::name(file);
        let wrong = |error: &dyn std::fmt::Display| {
            Stop::Cannot(format!("cannot read the settings in `{name}`: {}", error.to_string().trim_end()))
        };
        let text = fs::read_to_string(file).map_err(|error| wrong(&error))?;
        let mut settings: Settings = toml::from_str(&text).map_err(|error| wrong(&error))?;
        settings.check().map_err(|error| wrong(&error))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        for paths in [&mut settings.lists, &mut settings.tables, &mut settings.entities] {
            paths.iter_mut().for_each(|path| *path = folder.join(&path));
        }
        Ok(settings)
    }

    /// Codes that are there, and `warnings` alone to deny.
    ///
    /// # Errors
    /// Says which word means nothing.
    pub fn check(&self) -> Result<(), String> {
        for code in self.select.iter().chain(&self.ignore) {
            if !codes::all().any(|known| is_named(known, code)) {
                return Err(format!(
                    "there is no code `{code}`; codes look like `YC704`, and `YC7` stands for many"
                ));
            }
        }
        match self.deny.iter().find(|word| *word != "warnings") {
            Some(word) => Err(format!("`deny` takes `warnings`, not `{word}`")),
            None => Ok(()),
        }
    }

    /// Is a finding of this code reported? Style is, where it is selected.
    pub fn reports(&self, code: &Code) -> bool {
        let named = |names: &[String]| names.iter().any(|name| is_named(code, name));
        let selected = if self.select.is_empty() { !is_style(code) } else { named(&self.select) };
        selected && !named(&self.ignore)
    }
}

fn is_style(code: &Code) -> bool {
    codes::STYLE.contains(&code)
}

/// A code by its id or the beginning of it, whatever the case.
fn is_named(code: &Code, name: &str) -> bool {
    let start = code.id.get(..name.len());
    !name.is_empty() && start.is_some_and(|start| start.eq_ignore_ascii_case(name))
}
