//! From text to a condition, by OData's precedence: `not`, comparisons, `and`, `or`.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::token::{Token, tokens};
use super::{Comparison, Filter, FilterError, Function, Literal, Path, Quantifier};

/// How deep parentheses and lambdas may nest.
const DEEPEST: usize = 64;

/// Functions of OData that say something, but nothing that is simulated.
const OTHER_FUNCTIONS: [&str; 24] = [
    "cast",
    "ceiling",
    "concat",
    "date",
    "day",
    "floor",
    "hour",
    "indexof",
    "isof",
    "length",
    "matchesPattern",
    "minute",
    "month",
    "now",
    "round",
    "second",
    "substring",
    "time",
    "tolower",
    "totaloffsetminutes",
    "toupper",
    "trim",
    "year",
    "hassubset",
];

pub(super) fn parse(expression: &str) -> Result<Filter, FilterError> {
    let mut parser = Parser { tokens: tokens(expression)?, next: 0, depth: 0 };
    let filter = parser.alternatives()?;
    match parser.tokens.get(parser.next) {
        None => Ok(filter),
        Some(token) => Err(format!("{} is left over", shown(Some(token))).into()),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn alternatives(&mut self) -> Result<Filter, FilterError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("it nests deeper than {DEEPEST}").into());
        }
        let filter = self.chain("or", Self::conjunction, Filter::Or);
        self.depth -= 1;
        filter
    }

    fn conjunction(&mut self) -> Result<Filter, FilterError> {
        self.chain("and", Self::condition, Filter::And)
    }

    fn chain(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Filter, FilterError>,
        join: fn(Vec<Filter>) -> Filter,
    ) -> Result<Filter, FilterError> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.take_word(word) {
            parts.push(part(self)?);
        }
        match parts.len() {
            1 => parts.pop().ok_or_else(|| String::new().into()),
            _ => Ok(join(parts)),
        }
    }

    fn condition(&mut self) -> Result<Filter, FilterError> {
        if self.take_word("not") {
            // It binds tighter than a comparison.
            let is_closed = self.peek() == Some(&Token::Sign('(')) || self.function().is_some();
            if !is_closed && !self.is_lambda() {
                return Err("'not' negates a comparison only in parentheses".to_owned().into());
            }
            return Ok(Filter::Not(Box::new(self.condition()?)));
        }
        if self.take_sign('(') {
            let filter = self.alternatives()?;
            self.expect(')')?;
            return Ok(filter);
        }
        if let Some(function) = self.function() {
            self.next += 2;
            let path = self.path()?;
            self.expect(',')?;
            let Literal::Text(text) = self.literal()? else {
                return Err("a function compares with a text in quotes".to_owned().into());
            };
            self.expect(')')?;
            return Ok(Filter::Call(function, path, text));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Filter, FilterError> {
        let mut path = self.path()?;
        if self.take_sign('(') {
            let name = path.pop().unwrap_or_default();
            let quantifier = match name.to_ascii_lowercase().as_str() {
                "any" => Quantifier::Any,
                "all" => Quantifier::All,
                _ if OTHER_FUNCTIONS.iter().any(|it| it.eq_ignore_ascii_case(&name)) => {
                    return Err(FilterError::NotSimulated(format!("the function '{name}'")));
                }
                _ => return Err(format!("there is no function '{name}'").into()),
            };
            return self.lambda(quantifier, path);
        }
        let word = self.word()?;
        if word.eq_ignore_ascii_case("in") {
            return Ok(Filter::In(path, self.list()?));
        }
        let comparison = match word.to_ascii_lowercase().as_str() {
            "eq" => Comparison::Equal,
            "ne" => Comparison::NotEqual,
            "gt" => Comparison::Greater,
            "ge" => Comparison::GreaterOrEqual,
            "lt" => Comparison::Less,
            "le" => Comparison::LessOrEqual,
            "has" | "add" | "sub" | "mul" | "div" | "mod" => {
                return Err(FilterError::NotSimulated(format!("the operator '{word}'")));
            }
            _ => return Err(format!("'{word}' is no operator").into()),
        };
        Ok(Filter::Compare(path, comparison, self.literal()?))
    }

    fn lambda(&mut self, quantifier: Quantifier, collection: Path) -> Result<Filter, FilterError> {
        if collection.is_empty() {
            return Err("a lambda needs a collection".to_owned().into());
        }
        if matches!(quantifier, Quantifier::Any) && self.take_sign(')') {
            // Without a condition, any item will do.
            let anything = Box::new(Filter::And(Vec::new()));
            return Ok(Filter::Lambda {
                quantifier,
                collection,
                variable: String::new(),
                condition: anything,
            });
        }
        let variable = self.word()?;
        self.expect(':')?;
        let condition = Box::new(self.alternatives()?);
        self.expect(')')?;
        Ok(Filter::Lambda { quantifier, collection, variable, condition })
    }

    fn list(&mut self) -> Result<Vec<Literal>, FilterError> {
        self.expect('(')?;
        let mut literals = vec![self.literal()?];
        while self.take_sign(',') {
            literals.push(self.literal()?);
        }
        self.expect(')')?;
        Ok(literals)
    }

    fn path(&mut self) -> Result<Path, FilterError> {
        let word = self.word()?;
        let is_name = |name: &str| name.starts_with(|it: char| it.is_alphabetic() || "_@$".contains(it));
        if word.split('/').all(is_name) {
            Ok(word.split('/').map(str::to_owned).collect())
        } else {
            Err(format!("'{word}' is no property").into())
        }
    }

    fn literal(&mut self) -> Result<Literal, FilterError> {
        let token = self.peek().cloned();
        self.next += 1;
        match token {
            Some(Token::Text { kind, text }) if kind.is_empty() => Ok(Literal::Text(text)),
            Some(Token::Text { kind, text }) if kind.eq_ignore_ascii_case("duration") => {
                Ok(Literal::Bare(text))
            }
            // A member of an enum, after the name of the enum.
            Some(Token::Text { kind, text }) if kind.contains('.') => Ok(Literal::Text(text)),
            Some(Token::Word(word)) => {
                bare(&word).ok_or_else(|| format!("'{word}' is no value; texts stand in quotes").into())
            }
            other => Err(format!("{} is no value", shown(other.as_ref())).into()),
        }
    }

    /// The function that is called here, if one is.
    fn function(&self) -> Option<Function> {
        let (Token::Word(word), Some(Token::Sign('('))) = (self.peek()?, self.tokens.get(self.next + 1))
        else {
            return None;
        };
        Some(match word.to_ascii_lowercase().as_str() {
            "startswith" => Function::StartsWith,
            "endswith" => Function::EndsWith,
            "contains" => Function::Contains,
            _ => return None,
        })
    }

    /// Whether a condition on the items of a collection comes next, which is closed by itself.
    fn is_lambda(&self) -> bool {
        let (Some(Token::Word(word)), Some(Token::Sign('('))) = (self.peek(), self.tokens.get(self.next + 1))
        else {
            return false;
        };
        let last = word.rsplit('/').next().unwrap_or_default();
        ["any", "all"].iter().any(|it| last.eq_ignore_ascii_case(it))
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn word(&mut self) -> Result<String, FilterError> {
        match self.peek().cloned() {
            Some(Token::Word(word)) => {
                self.next += 1;
                Ok(word)
            }
            other => Err(format!("{} stands where a word should", shown(other.as_ref())).into()),
        }
    }

    fn take_word(&mut self, expected: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(expected));
        self.next += usize::from(found);
        found
    }

    fn take_sign(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(&Token::Sign(expected));
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, expected: char) -> Result<(), FilterError> {
        if self.take_sign(expected) {
            Ok(())
        } else {
            Err(format!("{} stands where '{expected}' should", shown(self.peek())).into())
        }
    }
}

/// A literal that needs no quotes.
fn bare(word: &str) -> Option<Literal> {
    let is_guid = || {
        let lengths: Vec<usize> = word.split('-').map(str::len).collect();
        lengths == [8, 4, 4, 4, 12] && word.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
    };
    match word.to_ascii_lowercase().as_str() {
        "true" => Some(Literal::Bool(true)),
        "false" => Some(Literal::Bool(false)),
        "null" => Some(Literal::Null),
        _ if is_guid() => Some(Literal::Bare(word.to_owned())),
        _ => moment(word).map(Literal::Moment).or_else(|| number(word)),
    }
}

/// A moment or, standing for its first one, a day.
fn moment(word: &str) -> Option<OffsetDateTime> {
    let day = || OffsetDateTime::parse(&format!("{word}T00:00:00Z"), &Rfc3339);
    OffsetDateTime::parse(word, &Rfc3339).or_else(|_| day()).ok()
}

fn number(word: &str) -> Option<Literal> {
    let number: f64 = word.parse().ok()?;
    number.is_finite().then_some(Literal::Number(number))
}

fn shown(token: Option<&Token>) -> String {
    match token {
        None => "the end".to_owned(),
        Some(Token::Word(word)) => format!("'{word}'"),
        Some(Token::Text { text, .. }) => format!("the text '{text}'"),
        Some(Token::Sign(sign)) => format!("'{sign}'"),
    }
}
