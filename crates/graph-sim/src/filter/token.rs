//! The words and signs of an expression.

/// One word or sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a path, a keyword, or a literal without quotes.
    Word(String),
    /// A text in quotes, without them; a word may stand right before it, as in `duration'PT1H'`.
    Text { kind: String, text: String },
    /// One of `(`, `)`, `,` and `:`.
    Sign(char),
}

/// Takes an expression apart.
pub(super) fn tokens(expression: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' | ')' | ',' | ':' => (Token::Sign(first), 1),
            '\'' => text(rest, String::new())?,
            _ => word(rest)?,
        };
        push(&mut tokens, token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

/// Adds a token; the parts of a path are one word, also with blanks around the slashes.
fn push(tokens: &mut Vec<Token>, token: Token) {
    match (tokens.last_mut(), &token) {
        (Some(Token::Word(path)), Token::Word(word)) if path.ends_with('/') || word.starts_with('/') => {
            path.push_str(word);
        }
        _ => tokens.push(token),
    }
}

/// A word, and how long it is in bytes.
fn word(rest: &str) -> Result<(Token, usize), String> {
    // The time of day has colons in it, and a literal begins with a digit or a sign.
    let is_literal = rest.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    let is_part = |it: char| it.is_alphanumeric() || "_.@$/-+".contains(it) || (is_literal && it == ':');
    let length = rest.find(|it| !is_part(it)).unwrap_or(rest.len());
    let word = &rest[..length];
    match rest[length..].chars().next() {
        // Only the name of a type belongs to the text; an operator merely lacks a blank.
        Some('\'') if word.contains('.') || word.eq_ignore_ascii_case("duration") => {
            let (token, quoted) = text(&rest[length..], word.to_owned())?;
            Ok((token, length + quoted))
        }
        _ if word.is_empty() => Err(format!("there is no sense in '{}'", &rest[..first_length(rest)])),
        _ => Ok((Token::Word(word.to_owned()), length)),
    }
}

/// A text that begins with a quote; a quote inside is doubled.
fn text(rest: &str, kind: String) -> Result<(Token, usize), String> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != '\'' {
            text.push(character);
        } else if characters.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            return Ok((Token::Text { kind, text }, at + 1));
        }
    }
    Err("a quote is not closed".to_owned())
}

fn first_length(rest: &str) -> usize {
    rest.chars().next().map_or(0, char::len_utf8)
}
