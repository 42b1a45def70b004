//! Names as PowerShell compares them with `-like`: `*`, `?`, `[a-c]`, a backtick before what is meant as it stands. In any case.

use std::fmt;

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    One(char),
    Any,
    Run,
    OneOf(Vec<(char, char)>),
}

impl Part {
    fn takes(&self, given: char) -> bool {
        match self {
            Self::One(one) => *one == given,
            Self::Any => true,
            Self::OneOf(ranges) => ranges.iter().any(|(from, to)| (*from..=*to).contains(&given)),
            Self::Run => false,
        }
    }
}

impl Pattern {
    /// Any text is one; a bracket that isn't closed stands for itself.
    pub fn new(text: &str) -> Self {
        let lower: Vec<char> = text.to_lowercase().chars().collect();
        let (mut parts, mut rest) = (Vec::new(), lower.as_slice());
        while let Some((&first, after)) = rest.split_first() {
            rest = after;
            parts.push(match first {
                '*' => Part::Run,
                '?' => Part::Any,
                '`' if !after.is_empty() => {
                    rest = &after[1..];
                    Part::One(after[0])
                }
                '[' => match closing(after) {
                    Some(end) => {
                        rest = &after[end + 1..];
                        Part::OneOf(ranges(&after[..end]))
                    }
                    None => Part::One(first),
                },
                other => Part::One(other),
            });
        }
        Self { text: text.to_owned(), parts }
    }

    /// The whole of the name.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.to_lowercase().chars().collect();
        let (mut part, mut at) = (0, 0);
        // Where the last run began, and how much of the name it has taken: it takes more where the rest doesn't fit.
        let mut run: Option<(usize, usize)> = None;
        while at < name.len() {
            match self.parts.get(part) {
                Some(Part::Run) => {
                    run = Some((part, at));
                    part += 1;
                }
                Some(one) if one.takes(name[at]) => (part, at) = (part + 1, at + 1),
                _ => match run {
                    Some((begin, taken)) => {
                        run = Some((begin, taken + 1));
                        (part, at) = (begin + 1, taken + 1);
                    }
                    None => return false,
                },
            }
        }
        self.parts[part..].iter().all(|left| *left == Part::Run)
    }

    /// It stands for one name.
    pub fn is_plain(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::One(_)))
    }

    /// What each name begins with, lower case; empty where that can be anything.
    pub fn beginning(&self) -> String {
        let one = |part: &Part| if let Part::One(one) = part { Some(*one) } else { None };
        self.parts.iter().map_while(one).collect()
    }
}

/// Where the set ends; a bracket that comes first in it is one of the set.
fn closing(inside: &[char]) -> Option<usize> {
    inside.iter().skip(1).position(|&c| c == ']').map(|after_first| after_first + 1)
}

fn ranges(inside: &[char]) -> Vec<(char, char)> {
    match inside {
        [from, '-', to, rest @ ..] => [vec![(*from, *to)], ranges(rest)].concat(),
        [one, rest @ ..] => [vec![(*one, *one)], ranges(rest)].concat(),
        [] => Vec::new(),
    }
}

impl fmt::Display for Pattern {
    /// As it was given.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    /// What `-like` said in PowerShell 7.6.9, which refuses a bracket that isn't closed.
    #[test]
    fn a_name_is_compared_as_powershell_does() {
        for (pattern, name, like) in [
            ("Practice*", "practice protect federation", true),
            ("practice protect", "Practice Protect Federation", false),
            ("*federation", "Practice Protect Federation", true),
            ("*pro*fed*", "Practice Protect Federation", true),
            ("*pro*fed", "Practice Protect Federation", false),
            ("P?actice*", "Practice", true),
            ("[a-p]ractice", "Practice", true),
            ("[x-z]ractice", "Practice", false),
            ("a[1", "a[1", true),
            ("[]a]b", "]b", true),
            ("[^a]b", "^b", true),
            ("a`*", "a*", true),
            ("a`*", "ab", false),
            ("*", "", true),
            ("", "", true),
            ("\u{dc}BER*", "\u{fc}ber alles", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), like, "{name} -like {pattern}");
        }
    }

    #[test]
    fn what_each_name_begins_with_is_known_up_to_the_first_wildcard() {
        assert_eq!(Pattern::new("Prac`*tice*x").beginning(), "prac*tice");
        assert_eq!(Pattern::new("*x").beginning(), "");
        assert!(Pattern::new("a`*b").is_plain());
        assert!(!Pattern::new("a*b").is_plain());
    }
}
