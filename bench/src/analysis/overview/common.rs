//! Which cases several engines have in common, and columns of one number for each engine over them.

use crate::record::CaseFacts;
use std::collections::BTreeSet;

/// Which of several members take part in a comparison over cases, as places in `has`, and the cases that
/// all of these have. `has` are the cases of each member.
///
/// A member with fewer than half as many cases as the one with the most takes no part. Where the others
/// still have none in common, those with the fewest are left out, the last first.
pub(super) fn in_common(has: &[BTreeSet<usize>]) -> (Vec<usize>, BTreeSet<usize>) {
    let most = has.iter().map(BTreeSet::len).max().unwrap_or(0);
    let enough = |member: &usize| !has[*member].is_empty() && 2 * has[*member].len() >= most;
    let mut members: Vec<usize> = (0..has.len()).filter(enough).collect();
    loop {
        let Some((first, others)) = members.split_first() else { return (members, BTreeSet::new()) };
        let in_all = |case: &&usize| others.iter().all(|member| has[*member].contains(case));
        let common: BTreeSet<usize> = has[*first].iter().filter(in_all).copied().collect();
        if !common.is_empty() {
            return (members, common);
        }
        let fewest = members.iter().rev().min_by_key(|member| has[**member].len()).copied();
        members.retain(|member| Some(*member) != fewest);
    }
}

/// The places of the cases that have the variant of the first.
pub(super) fn of_first_variant(cases: &[CaseFacts]) -> impl Iterator<Item = usize> {
    let is_first = |case: &CaseFacts| cases.first().is_some_and(|first| first.variant == case.variant);
    cases.iter().enumerate().filter(move |(_, case)| is_first(case)).map(|(place, _)| place)
}

/// One number for each engine over the cases that they have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct CommonColumn {
    /// How many cases that are.
    pub cases: usize,
    /// The engines that take part, in the order given, each with its number.
    pub engines: Vec<(String, f64)>,
}

impl CommonColumn {
    /// The column of `engines` over `cases`: `value` gives the number of an engine on a case, and
    /// `combine` makes one of those of all cases. `None` where no engine has any.
    pub fn of(
        engines: &[&str],
        cases: &[CaseFacts],
        value: impl Fn(&str, &CaseFacts) -> Option<f64>,
        combine: impl Fn(&[f64]) -> Option<f64>,
    ) -> Option<CommonColumn> {
        let counts: BTreeSet<usize> = of_first_variant(cases).collect();
        let values_of = |engine: &&str| -> Vec<Option<f64>> {
            let value = |(place, case)| value(engine, case).filter(|_| counts.contains(&place));
            cases.iter().enumerate().map(value).collect()
        };
        let values: Vec<Vec<Option<f64>>> = engines.iter().map(values_of).collect();
        let has = |of_engine: &Vec<Option<f64>>| {
            of_engine.iter().enumerate().filter(|(_, value)| value.is_some()).map(|(case, _)| case).collect()
        };
        let (members, common) = in_common(&values.iter().map(has).collect::<Vec<BTreeSet<usize>>>());
        let combined = |member: &usize| {
            let of_common: Vec<f64> = common.iter().filter_map(|case| values[*member][*case]).collect();
            Some((engines[*member].to_owned(), combine(&of_common)?))
        };
        let engines: Vec<_> = members.iter().filter_map(combined).collect();
        (!engines.is_empty()).then_some(CommonColumn { cases: common.len(), engines })
    }

    /// The number of `engine`; `None` where it takes no part.
    pub fn engine(&self, engine: &str) -> Option<f64> {
        self.engines.iter().find(|(name, _)| name == engine).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(has: &[&[usize]]) -> (Vec<usize>, Vec<usize>) {
        let has: Vec<BTreeSet<usize>> = has.iter().map(|cases| cases.iter().copied().collect()).collect();
        let (members, common) = in_common(&has);
        (members, common.into_iter().collect())
    }

    #[test]
    fn cases_that_all_members_have_are_in_common() {
        assert_eq!(common(&[&[0, 1, 2], &[0, 2], &[1, 2]]), (vec![0, 1, 2], vec![2]));
        assert_eq!(common(&[]), (vec![], vec![]));
        assert_eq!(common(&[&[], &[]]), (vec![], vec![]));
    }

    #[test]
    fn members_with_few_cases_or_none_are_left_out() {
        assert_eq!(common(&[&[0, 1, 2, 3], &[0], &[], &[0, 1, 2]]), (vec![0, 3], vec![0, 1, 2]));
        // Each has half of the cases, and the two have none in common.
        assert_eq!(common(&[&[0, 1, 2], &[3, 4]]), (vec![0], vec![0, 1, 2]));
    }

    #[test]
    fn a_column_has_one_number_for_each_engine_that_takes_part() {
        let case = |sample: &str| CaseFacts {
            sample: sample.into(),
            variant: String::new(),
            size: String::new(),
            group: String::new(),
            fresh_instance: false,
            machine: 1,
        };
        let value = |engine: &str, case: &CaseFacts| match (engine, case.sample.as_str()) {
            ("a", _) => Some(2.0),
            ("b", "one") => Some(8.0),
            _ => None,
        };
        let greatest = |values: &[f64]| values.iter().copied().max_by(f64::total_cmp);
        let column =
            CommonColumn::of(&["a", "b", "c"], &[case("one"), case("two")], value, greatest).unwrap();
        assert_eq!((column.cases, column.engine("a"), column.engine("b")), (1, Some(2.0), Some(8.0)));
        assert_eq!(column.engine("c"), None);
        assert_eq!(CommonColumn::of(&["c"], &[case("one")], value, greatest), None);
    }
}
