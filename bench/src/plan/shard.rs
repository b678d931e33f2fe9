//! A shard: the share of a run's cases that one of several machines measures. Every machine computes all shares
//! from the same modules, so that together they have every case once.

use std::fmt;
use std::str::FromStr;

/// What a case costs whatever its module, in bytes of code: a round of ten engines took 0.3 s for an empty module, and
/// 0.07 s more for each kilobyte.
const FIXED_COST: u64 = 5_000;

/// One share out of several, written `K/N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub number: usize,
    /// How many there are.
    pub count: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let numbers = text.split_once('/').and_then(|(number, count)| {
            Some(Shard { number: number.trim().parse().ok()?, count: count.trim().parse().ok()? })
        });
        numbers
            .filter(|shard| (1..=shard.count).contains(&shard.number))
            .ok_or_else(|| "expected K/N with K from 1 to N, such as 2/4, or auto".to_owned())
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.count)
    }
}

impl Shard {
    /// Which of the comparison groups are this shard's, by their numbers: `code_bytes` has the size of the code of
    /// each. Groups go to the least loaded shard, the costliest first (Graham's rule of the longest processing
    /// time, 1969: no shard has more than 4/3 of the best possible maximum). Empty where there are fewer groups than shards.
    pub fn share_of(self, code_bytes: &[u64]) -> Vec<usize> {
        let mut costliest: Vec<usize> = (0..code_bytes.len()).collect();
        costliest.sort_by_key(|group| (std::cmp::Reverse(code_bytes[*group]), *group));
        let mut loads = vec![0; self.count];
        let mut share = Vec::new();
        for group in costliest {
            let lightest = (0..self.count).min_by_key(|shard| (loads[*shard], *shard)).unwrap_or(0);
            loads[lightest] += FIXED_COST + code_bytes[group];
            if lightest + 1 == self.number {
                share.push(group);
            }
        }
        share.sort_unstable();
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(count: usize, code_bytes: &[u64]) -> Vec<Vec<usize>> {
        (1..=count).map(|number| Shard { number, count }.share_of(code_bytes)).collect()
    }

    #[test]
    fn the_shards_together_have_every_group_once() {
        for count in 1..=12 {
            let shares =
                shares(count, &[6, 64, 2_028, 15_761, 16_103, 16_175, 15_031, 65_920, 68_393, 47_611]);
            let mut all = shares.concat();
            all.sort_unstable();
            assert_eq!(all, (0..10).collect::<Vec<_>>());
            assert!(shares.iter().all(|share| count > 10 || !share.is_empty()));
        }
    }

    #[test]
    fn a_costly_group_counts_as_much_as_several_cheap_ones() {
        assert_eq!(shares(2, &[1_000, 60_000, 1_000, 1_000]), [vec![1], vec![0, 2, 3]]);
    }

    #[test]
    fn groups_of_one_cost_are_divided_by_their_number() {
        let sizes: Vec<usize> = shares(4, &[0; 10]).iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 3, 2, 2]);
    }

    #[test]
    fn a_shard_is_written_as_its_number_and_how_many_there_are() {
        assert_eq!("2/4".parse(), Ok(Shard { number: 2, count: 4 }));
        assert_eq!(Shard { number: 2, count: 4 }.to_string(), "2/4");
        for wrong in ["", "2", "0/4", "5/4", "1/0", "a/b", "-1/4", "1/2/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
