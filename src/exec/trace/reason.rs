//! Why a test does not hold on a row of an event or of several.

use std::borrow::Cow;

use super::gaps::Gap;
use super::name::{Names, quoted, shown};
use super::{Code, Reason, subject};
use crate::exec::eval::Scope;
use crate::functions::{Args, Function};
use crate::ingest::record::{NO_ELEMENT, Presence};
use crate::ingest::wanted::{ListId, SlotId};
use crate::plan::{Atom, AtomId, CellTest, Lacking, LookedUp, Predicate, Range, Scalar, Site};
use crate::value::Value;
use crate::value::operators::{Case, CompareOp, folded, parse_number, text_equal};

/// A test that does not give what it should.
#[derive(Clone, Copy)]
pub(super) struct Failing<'f> {
    pub(super) names: Names<'f>,
    pub(super) scope: Scope<'f>,
    /// What it should give.
    should: Should,
}

/// What a test should give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Should {
    Hold,
    Fail,
}

impl Should {
    fn other(self) -> Should {
        match self {
            Should::Hold => Should::Fail,
            Should::Fail => Should::Hold,
        }
    }
}

/// Why `site`, which does not hold, does not.
pub(super) fn why<'f>(names: Names<'f>, scope: Scope<'f>, site: &'f Site) -> Option<Reason> {
    Failing { names, scope, should: Should::Hold }.site(site)
}

/// Why `site`, which does not hold, does not: of an `or`, why each of its parts does not.
pub(super) fn why_each<'f>(names: Names<'f>, scope: Scope<'f>, site: &'f Site) -> Vec<Reason> {
    Failing { names, scope, should: Should::Hold }.each_part(site)
}

/// What a value lacks of the fields that it is made from.
pub(super) fn gap<'f>(names: Names<'f>, scope: Scope<'f>, value: &'f Scalar) -> Option<Gap> {
    Failing { names, scope, should: Should::Hold }.gap(value)
}

/// Why `site`, which holds, should not.
pub(super) fn why_not<'f>(names: Names<'f>, scope: Scope<'f>, site: &'f Site) -> Option<Reason> {
    Failing { names, scope, should: Should::Fail }.site(site)
}

impl<'f> Failing<'f> {
    fn holds(&self, site: &'f Site) -> bool {
        self.scope.holds(site) == (self.should == Should::Hold)
    }

    fn site(&self, site: &'f Site) -> Option<Reason> {
        match &site.predicate {
            Predicate::Test(AtomId(index)) => self.atom(self.names.plan.atoms.get(*index)?),
            Predicate::Not(inner) => Failing { should: self.should.other(), ..*self }.site(inner),
            Predicate::All(sites) | Predicate::Any(sites) | Predicate::AtLeast(_, sites) => {
                let wrong = sites.iter().find(|site| !self.holds(site));
                wrong.or(sites.first()).and_then(|site| self.site(site))
            }
        }
    }

    /// Where one part would have been enough, each has its reason.
    fn each_part(&self, site: &'f Site) -> Vec<Reason> {
        match (&site.predicate, self.should) {
            (Predicate::Not(inner), should) => Failing { should: should.other(), ..*self }.each_part(inner),
            (Predicate::Any(sites) | Predicate::AtLeast(_, sites), Should::Hold)
            | (Predicate::All(sites), Should::Fail) => {
                sites.iter().filter(|site| !self.holds(site)).flat_map(|site| self.each_part(site)).collect()
            }
            _ => self.site(site).into_iter().collect(),
        }
    }

    fn atom(&self, atom: &'f Atom) -> Option<Reason> {
        match atom {
            Atom::Compare { op, left, right, case, .. } => Some(self.compare(*op, left, right, *case)),
            Atom::Matches(value, pattern) => Some(self.pattern(value, *pattern)),
            Atom::InList(value, list, case) => Some(self.in_list(value, *list, *case)),
            Atom::InColumn(value, column, case) => self.in_column(value, *column, *case),
            Atom::Cell(test) => Some(self.cell(test)),
            Atom::Holds(value) => Some(self.truth(value)),
            Atom::NotZero(value) => {
                Some(self.reason(Code::ZeroValueFiltered, value, "a value that is not zero".to_owned()))
            }
            Atom::AnyOf(range, inner) | Atom::AllOf(range, inner) => self.each(atom, range, inner),
        }
    }

    /// `any` fails on every element, so the one that comes nearest is told; `all` on the first that fails.
    fn each(&self, atom: &'f Atom, range: &'f Range, inner: &'f Atom) -> Option<Reason> {
        let mut reasons = self.scope.elements(range).filter_map(|element| {
            let scope = self.scope.at(&element);
            let wrong = scope.atom(inner) != (self.should == Should::Hold);
            wrong.then(|| Failing { names: self.names, scope, should: self.should }.atom(inner)).flatten()
        });
        let first = reasons.next();
        let Some(first) = first else {
            let empty = Failing { scope: self.scope, ..*self }.atom(inner)?;
            return Some(Reason { code: Code::FieldAbsent, actual: Some(String::new()), ..empty });
        };
        let near = reasons.find(|reason| reason.code == Code::CaseDiffers);
        let value = subject::subject(self.names, inner)?;
        let all = match atom {
            Atom::AllOf(..) => None,
            _ => Some(subject::actual(self.names, self.scope, atom, value)),
        };
        let chosen = near.unwrap_or(first);
        Some(Reason { actual: all.or(chosen.actual), ..chosen })
    }

    fn compare(&self, op: CompareOp, left: &'f Scalar, right: &'f Scalar, case: Case) -> Reason {
        let is_subject = self.names.any_field(left).is_some() || matches!(right, Scalar::Const(_));
        let (value, other, op) = if is_subject { (left, right, op) } else { (right, left, op.mirrored()) };
        let expected = match (op, self.should) {
            (CompareOp::Eq, Should::Hold) => shown(&self.scope.value(other)),
            (op, Should::Hold) => format!("{} {}", op.symbol(), quoted(&self.scope.value(other))),
            (op, Should::Fail) => format!("not {} {}", op.symbol(), quoted(&self.scope.value(other))),
        };
        let code = match (self.should, op, case) {
            (Should::Hold, CompareOp::Eq, Case::Exact) if self.equal_folded(value, other) => {
                Code::CaseDiffers
            }
            (Should::Hold, op, _) if op.is_ordering() && self.is_unordered(value, other) => Code::WrongType,
            _ => Code::ValueDiffers,
        };
        self.reason(code, value, expected)
    }

    fn equal_folded(&self, left: &'f Scalar, right: &'f Scalar) -> bool {
        let (left, right) = (self.scope.value(left), self.scope.value(right));
        text_equal(&left.to_text(), &right.to_text(), Case::Fold)
    }

    /// A text that is no number, held against a number.
    fn is_unordered(&self, value: &'f Scalar, other: &'f Scalar) -> bool {
        let Value::Text(text) = self.scope.value(value) else { return false };
        self.scope.value(other).as_f64().is_some() && parse_number(&text).is_none()
    }

    fn pattern(&self, value: &'f Scalar, index: usize) -> Reason {
        let Some(pattern) = self.names.plan.patterns.get(index) else {
            return self.reason(Code::PatternNotFound, value, String::new());
        };
        let text = self.scope.value(value);
        let folded = || self.names.is_match_folded(index, &text.to_text());
        let code = match (self.should, pattern.case()) {
            (Should::Fail, _) => Code::ValueDiffers,
            (Should::Hold, Case::Exact) if folded() => Code::CaseDiffers,
            (Should::Hold, _) => Code::PatternNotFound,
        };
        let nocase = if pattern.case() == Case::Fold { " nocase" } else { "" };
        self.reason(code, value, format!("{}/{}/{nocase}", self.not(), pattern.text()))
    }

    fn not(&self) -> &'static str {
        match self.should {
            Should::Hold => "",
            Should::Fail => "not ",
        }
    }

    fn in_column(&self, value: &'f Scalar, column: usize, case: Case) -> Option<Reason> {
        let column = self.names.plan.columns.get(column)?;
        let folded = || column.set.contains(&self.scope.value(value), Case::Fold);
        let name = format!("{}in {}", self.not(), column.name);
        let code = match (self.should, case) {
            (Should::Hold, _) if self.is_missing(column) => return Some(self.list_missing(value, name)),
            (Should::Fail, _) => Code::ValueDiffers,
            (Should::Hold, Case::Exact) if folded() => Code::CaseDiffers,
            (Should::Hold, _) => Code::NotInList,
        };
        Some(self.reason(code, value, name))
    }

    /// Is the table not there of which the column would be?
    fn is_missing(&self, column: &LookedUp) -> bool {
        let table = column.name.trim_start_matches('%').split('.').next().unwrap_or("");
        self.names.written.missing.contains_key(&Lacking::Table(table.to_owned()))
    }

    fn in_list(&self, value: &'f Scalar, list: usize, case: Case) -> Reason {
        let name = format!("{}in %{}", self.not(), self.names.written.list(list));
        let folded = || {
            let text = self.scope.value(value);
            let list = self.names.plan.reference.get(list);
            list.is_some_and(|list| list.contains(&text.to_text(), Case::Fold))
        };
        let lacking = Lacking::List(self.names.written.list(list).to_owned());
        let is_missing = self.names.written.missing.contains_key(&lacking);
        let code = match (self.should, case) {
            (Should::Hold, _) if is_missing => return self.list_missing(value, name),
            (Should::Fail, _) => Code::ValueDiffers,
            (Should::Hold, Case::Exact) if folded() => Code::CaseDiffers,
            (Should::Hold, _) => Code::NotInList,
        };
        self.reason(code, value, name)
    }

    fn cell(&self, test: &'f CellTest) -> Reason {
        let table = self.names.plan.tables.get(test.table);
        let column = table.and_then(|table| table.columns().get(test.column));
        let name = table.zip(column).map(|(table, column)| format!("%{}.{}", table.name(), column.name));
        let (not, op, name) = (self.not(), test.op.symbol(), name.unwrap_or_default());
        // All that is asked of a table must hold on one row, so it is of no use that another has such a cell.
        let expected = match self.cell_text(test).filter(|_| self.names.asks_more_of(test.table)) {
            Some(cell) => format!("{not}{op} {name} of the same row, {cell}"),
            None => format!("{not}{op} a cell of {name}"),
        };
        self.reason(Code::ValueDiffers, &test.value, expected)
    }

    fn cell_text(&self, test: &'f CellTest) -> Option<String> {
        let Value::Int(row) = self.scope.value(&test.row) else { return None };
        let table = self.names.plan.tables.get(test.table)?;
        let cell = table.cell((usize::try_from(row).ok()?, test.column))?;
        Some(cell.items().iter().map(|item| shown(&item.value())).collect::<Vec<_>>().join("|"))
    }

    fn list_missing(&self, value: &'f Scalar, name: String) -> Reason {
        Reason { code: Code::ListMissing, ..self.reason(Code::NotInList, value, name) }
    }

    fn truth(&self, value: &'f Scalar) -> Reason {
        match value {
            Scalar::Call(function, _, Some(pattern)) if function.name == "re.regex" => {
                self.pattern(subject::tested(value), *pattern)
            }
            Scalar::Call(function, args, _) => self.call(function, args, value),
            _ => self
                .part_of_other(value)
                .unwrap_or_else(|| self.reason(Code::ValueDiffers, value, format!("{}true", self.not()))),
        }
    }

    fn call(&self, function: &Function, args: &'f [Scalar], value: &'f Scalar) -> Reason {
        // `nocase` is planned as a comparison of both sides in lower case.
        let plain: Option<Vec<&Scalar>> = args.iter().map(lowered).collect::<Option<_>>();
        let plain = plain.filter(|plain| !plain.is_empty());
        let nocase = if plain.is_some() { " nocase" } else { "" };
        let plain = plain.unwrap_or_else(|| args.iter().collect());
        let shown = plain.iter().map(|arg| match arg {
            Scalar::Const(value) => quoted(value),
            _ => "…".to_owned(),
        });
        let shown = shown.collect::<Vec<_>>().join(", ");
        let expected = format!("{}{}({shown}){nocase}", self.not(), function.name);
        let is_near = self.should == Should::Hold && self.finds_folded(function, args);
        let code = if is_near { Code::CaseDiffers } else { Code::ValueDiffers };
        let tested = plain.into_iter().find(|arg| !matches!(arg, Scalar::Const(_))).unwrap_or(value);
        let reason = self.reason(code, tested, expected);
        // A field that an argument is made from is told of together with all that is asked.
        match self.gap(tested).filter(|gap| gap.field != self.names.any_field(tested)) {
            Some(_) => {
                Reason { expected: Some(format!("{}{}", self.not(), self.names.text(value))), ..reason }
            }
            None => reason,
        }
    }

    /// Does a function that looks for one text in another find it in letters of other case?
    fn finds_folded(&self, function: &Function, args: &'f [Scalar]) -> bool {
        const LOOKS_FOR: [&str; 3] = ["strings.contains", "strings.starts_with", "strings.ends_with"];
        let letters = |arg| folded(&self.scope.value(arg).to_text()).collect::<String>();
        let texts: Vec<String> = args.iter().map(letters).collect();
        let values: Vec<Value<'_>> = texts.iter().map(|text| Value::text(text)).collect();
        let args = Args { values: &values, pattern: None, now: self.scope.now, seed: self.scope.seed };
        LOOKS_FOR.contains(&function.name) && (function.body)(&args) == Ok(Value::Bool(true))
    }

    /// The test behind a truth that the rows of another variable keep.
    fn part_of_other(&self, value: &'f Scalar) -> Option<Reason> {
        let Scalar::Captured(source, capture) = value else { return None };
        self.site(self.names.written.truth((*source, *capture))?)
    }

    /// What is not there explains more than what it was held against.
    fn reason(&self, code: Code, value: &'f Scalar, expected: String) -> Reason {
        let field = self.names.any_field(value);
        let actual = Some(shown(&self.scope.value(value)));
        match self.gap(value).filter(|_| code != Code::ZeroValueFiltered) {
            Some(gap) if gap.field == field => {
                Reason { code: gap.code, field, expected: Some(expected), actual: gap.written.or(actual) }
            }
            Some(gap) => Reason {
                code: gap.code,
                field: gap.field,
                expected: Some(of_result(field, expected)),
                actual: Some(gap.written.unwrap_or_default()),
            },
            None => Reason { code, field, expected: Some(expected), actual },
        }
    }

    /// The first field that a value needs and does not have.
    fn gap(&self, value: &'f Scalar) -> Option<Gap> {
        match value {
            Scalar::Field(_, slot) => self.gap_at(value, *slot, self.scope.element(*slot)),
            Scalar::Each(_, slot, number) => self.gap_at(value, *slot, self.scope.place(*number)?),
            Scalar::Whole(_, slot) => self.gap_at(value, *slot, NO_ELEMENT),
            Scalar::Captured(source, capture) => {
                self.names.gaps.get(self.scope.row?, (*source, *capture)).cloned()
            }
            // One of its arguments is enough.
            Scalar::Call(function, args, _) if function.name == "strings.coalesce" => {
                let gaps: Option<Vec<Gap>> = args.iter().map(|arg| self.gap(arg)).collect();
                gaps?.into_iter().next()
            }
            Scalar::Call(_, args, _) => args.iter().find_map(|arg| self.gap(arg)),
            Scalar::Arith(_, left, right) => self.gap(left).or_else(|| self.gap(right)),
            Scalar::Const(_)
            | Scalar::If(..)
            | Scalar::Truth(_)
            | Scalar::Gathered(_)
            | Scalar::Outcome(_)
            | Scalar::Key(_)
            | Scalar::Events(_)
            | Scalar::WindowStart
            | Scalar::WindowEnd => None,
        }
    }

    fn gap_at(&self, value: &'f Scalar, slot: SlotId, element: u32) -> Option<Gap> {
        let event = self.scope.event?;
        let is_open = |list: ListId| element == NO_ELEMENT && event.record.count(list) > 0;
        if event.wanted.slot(slot).list.is_some_and(is_open) {
            return None;
        }
        let (code, written) = match event.presence(slot, element) {
            Presence::There => return None,
            Presence::Absent if !event.has_element(slot) => (Code::NoSuchElement, None),
            Presence::Absent => (Code::FieldAbsent, None),
            Presence::Unfit => (Code::WrongType, Some(self.unfit(slot, element))),
        };
        Some(Gap { code, field: self.names.any_field(value), written })
    }

    /// What is there in place of a value of the field's type.
    fn unfit(&self, slot: SlotId, element: u32) -> String {
        let written = self.scope.event.and_then(|event| event.written(slot, element));
        written.map_or("a list or an object".to_owned(), Cow::into_owned)
    }
}

/// What is asked of a result, where a field is told of that it is made from.
fn of_result(result: Option<String>, expected: String) -> String {
    let result = result.unwrap_or_default();
    let has_verb = ["=", "!", "<", ">", "not ", "in "].iter().any(|verb| expected.starts_with(verb));
    if has_verb { format!("{result} {expected}") } else { format!("{result} = {expected}") }
}

/// What is put into lower case.
fn lowered(value: &Scalar) -> Option<&Scalar> {
    match value {
        Scalar::Call(function, args, _) if function.name == "strings.to_lower" => args.first(),
        _ => None,
    }
}
