//! How long operations take as a rule, learned from those that were asked about.

use std::collections::VecDeque;
use std::time::Duration;

/// How many answers are remembered.
const MEMORY: usize = 256;
/// How many operations must have been done by an age before the others are asked about at that age.
const ENOUGH: usize = 3;
/// One in so many operations is asked about earlier, in case they have become faster.
const PROBES: u64 = 32;
/// As long as nothing is known, so many operations are asked about as soon as they can be, and the others later.
const SCOUTS: u64 = 3;
/// How much later than others were still under way an operation is asked about.
const PATIENCE: Duration = Duration::from_secs(93);

/// The ages at which operations were under way or done, and what follows for the next.
///
/// It aims at the age at which four in five are done: an earlier first question mostly needs a second, a later one only delays.
#[derive(Clone, Debug, Default)]
pub(super) struct Typical {
    answers: VecDeque<(Duration, bool)>,
    aim: Option<Duration>,
}

impl Typical {
    /// An operation of this age was done, or was not.
    pub(super) fn observe(&mut self, age: Duration, done: bool) {
        if self.answers.len() == MEMORY {
            self.answers.pop_front();
        }
        self.answers.push_back((age, done));
        self.aim = self.aimed();
    }

    /// The age at which most operations are done, if that is known.
    pub(super) fn aim(&self) -> Option<Duration> {
        self.aim
    }

    /// The age at which to ask about the `number`-th operation for the first time.
    pub(super) fn first_question(&self, number: u64) -> Duration {
        match self.aim {
            None if number < SCOUTS => Duration::ZERO,
            None => PATIENCE,
            Some(aim) if number % PROBES == PROBES - 1 => self.earlier(aim),
            Some(aim) => aim,
        }
    }

    /// The age at which to ask again about one that was under way at `age`: the older it is, the less matters a moment.
    pub(super) fn next_question(age: Duration) -> Duration {
        age.saturating_add(age / 10)
    }

    /// Between the last age at which one was under way and `aim`: that is what is not known.
    fn earlier(&self, aim: Duration) -> Duration {
        let under_way = self.ages(false).filter(|age| *age < aim).max().unwrap_or_default();
        (under_way.saturating_add(aim) / 2).min(aim.saturating_sub(aim / 10))
    }

    fn aimed(&self) -> Option<Duration> {
        let mut done: Vec<_> = self.ages(true).collect();
        done.sort_unstable();
        let mut candidates = done.iter().enumerate().skip(ENOUGH - 1);
        // One that is done was done at every later age; one that is under way was so at every earlier age.
        let (_, age) = candidates.find(|(index, age)| {
            let under_way = self.ages(false).filter(|other| other >= *age).count();
            index + 1 >= under_way * 4
        })?;
        // Those that nobody asked about for a day did not take a day.
        let under_way = self.ages(false).max().unwrap_or_default();
        Some((*age).min(under_way.saturating_add(PATIENCE)))
    }

    fn ages(&self, of_done: bool) -> impl Iterator<Item = Duration> {
        self.answers.iter().filter(move |(_, done)| *done == of_done).map(|(age, _)| *age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(answers: &[(u64, bool, usize)]) -> Typical {
        let mut typical = Typical::default();
        for (age, done, times) in answers {
            (0..*times).for_each(|_| typical.observe(Duration::from_secs(*age), *done));
        }
        typical
    }

    #[test]
    fn where_it_aims() {
        for (answers, aim) in [
            (&[][..], None),
            (&[(31, false, 9)], None),
            (&[(93, true, 2)], None),
            (&[(31, false, 3), (62, false, 3), (93, true, 3)], Some(93)),
            (&[(93, true, 3), (400, true, 100)], Some(93)),
            (&[(80_000, true, 3)], Some(93)),
            (&[(7_000, false, 1), (80_000, true, 3)], Some(7_093)),
            (&[(62, true, 3), (62, false, 9), (93, true, 9)], Some(93)),
            (&[(62, true, 8), (62, false, 2), (93, true, 2)], Some(62)),
            (&[(31, true, 3), (300, false, 100)], None),
            (&[(31, true, 3), (62, false, 9), (90, true, MEMORY)], Some(90)),
        ] {
            assert_eq!(learned(answers).aim(), aim.map(Duration::from_secs), "{answers:?}");
        }
    }

    #[test]
    fn when_it_asks_first() {
        let unknown = Typical::default();
        assert_eq!([0, 2, 3, 99].map(|number| unknown.first_question(number).as_secs()), [0, 0, 93, 93]);
        let known = learned(&[(31, false, 3), (63, false, 3), (93, true, 3)]);
        assert_eq!([0, 30, 31, 32].map(|number| known.first_question(number).as_secs()), [93, 93, 78, 93]);
        let certain = learned(&[(90, false, 3), (100, true, 3)]);
        assert_eq!(certain.first_question(31).as_secs(), 90, "in case they have become faster");
    }

    #[test]
    fn it_finds_the_time_that_operations_take() {
        let mut typical = Typical::default();
        for takes in [31, 75, 300, 3_000, 75] {
            let (takes, mut questions) = (Duration::from_secs(takes), 0);
            for number in 0..2_000 {
                let mut age = typical.first_question(number).max(Duration::from_secs(31));
                questions += 1;
                while age < takes {
                    typical.observe(age, false);
                    age = Typical::next_question(age).max(age + Duration::from_secs(31));
                    questions += 1;
                }
                typical.observe(age, true);
            }
            let last = typical.aim().unwrap();
            assert!((takes..=takes * 6 / 5).contains(&last), "{last:?} where it takes {takes:?}");
            assert!(questions <= 2_200, "{questions} questions about 2,000 that take {takes:?}");
        }
    }
}
