//! The parser of `$filter`.

use serde_json::Value;

use super::filter::{Filter, Operator};

impl Filter {
    /// Reads a filter; the error is the place where reading stopped.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, at: 0 };
        let filter = parser.or()?;
        if parser.at == tokens.len() { Ok(filter) } else { Err(parser.here()) }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '\'' => quoted(rest)?,
            '(' | ')' | ',' | ':' => (Token::Sign(first), 1),
            _ => {
                let end = rest.find([' ', '(', ')', ',', ':', '\'']).unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), end)
            }
        };
        found.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

/// A quoted text, in which two quotes stand for one.
fn quoted(rest: &str) -> Result<(Token, usize), String> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != '\'' {
            text.push(character);
        } else if characters.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            return Ok((Token::Text(text), at + 1));
        }
    }
    Err(rest.to_owned())
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Parser<'_> {
    fn here(&self) -> String {
        match self.tokens.get(self.at) {
            Some(Token::Word(text) | Token::Text(text)) => text.clone(),
            Some(Token::Sign(sign)) => sign.to_string(),
            None => "end of filter".to_owned(),
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(text)) if text == word);
        self.at += usize::from(found);
        found
    }

    fn take_sign(&mut self, sign: char) -> bool {
        let found = self.tokens.get(self.at) == Some(&Token::Sign(sign));
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, sign: char) -> Result<(), String> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.here()) }
    }

    fn word(&mut self) -> Result<String, String> {
        let Some(Token::Word(text)) = self.tokens.get(self.at) else { return Err(self.here()) };
        self.at += 1;
        Ok(text.clone())
    }

    fn or(&mut self) -> Result<Filter, String> {
        let mut left = self.and()?;
        while self.take_word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Filter, String> {
        let mut left = self.clause()?;
        while self.take_word("and") {
            left = Filter::And(Box::new(left), Box::new(self.clause()?));
        }
        Ok(left)
    }

    fn clause(&mut self) -> Result<Filter, String> {
        if self.take_word("not") {
            return Ok(Filter::Not(Box::new(self.clause()?)));
        }
        if self.take_sign('(') {
            let inner = self.or()?;
            self.sign(')')?;
            return Ok(inner);
        }
        let word = self.word()?;
        match word.as_str() {
            "startsWith" | "startswith" => self.function().map(|(path, prefix)| Filter::StartsWith { path, prefix }),
            "endsWith" | "endswith" => self.function().map(|(path, suffix)| Filter::EndsWith { path, suffix }),
            path => self.about(path),
        }
    }

    fn function(&mut self) -> Result<(String, String), String> {
        self.sign('(')?;
        let path = self.word()?;
        self.sign(',')?;
        let Value::String(text) = self.literal()? else { return Err(path) };
        self.sign(')')?;
        Ok((path, text))
    }

    /// What follows a property: an `any`, an `in`, or a comparison.
    fn about(&mut self, path: &str) -> Result<Filter, String> {
        if let Some(path) = path.strip_suffix("/any") {
            return self.any(path);
        }
        let path = path.to_owned();
        if self.take_word("in") {
            return Ok(Filter::In { path, values: self.values()? });
        }
        let operator = self.operator()?;
        Ok(Filter::Compare { path, operator, value: self.literal()? })
    }

    fn values(&mut self) -> Result<Vec<Value>, String> {
        self.sign('(')?;
        let mut values = vec![self.literal()?];
        while self.take_sign(',') {
            values.push(self.literal()?);
        }
        self.sign(')')?;
        Ok(values)
    }

    /// `list/any(x:x eq 'a')`: inside, the variable stands for the item, which is looked up under the empty name.
    fn any(&mut self, path: &str) -> Result<Filter, String> {
        self.sign('(')?;
        let variable = self.word()?;
        self.sign(':')?;
        let inner = renamed(self.or()?, &variable)?;
        self.sign(')')?;
        Ok(Filter::Any { path: path.to_owned(), inner: Box::new(inner) })
    }

    fn operator(&mut self) -> Result<Operator, String> {
        let known = [
            ("eq", Operator::Eq),
            ("ne", Operator::Ne),
            ("gt", Operator::Gt),
            ("ge", Operator::Ge),
            ("lt", Operator::Lt),
            ("le", Operator::Le),
        ];
        let found = known.into_iter().find(|(word, _)| self.take_word(word));
        found.map(|(_, operator)| operator).ok_or_else(|| self.here())
    }

    fn literal(&mut self) -> Result<Value, String> {
        let value = match self.tokens.get(self.at) {
            Some(Token::Text(text)) => Value::String(text.clone()),
            Some(Token::Word(word)) => bare_literal(word).ok_or_else(|| word.clone())?,
            Some(Token::Sign(_)) | None => return Err(self.here()),
        };
        self.at += 1;
        Ok(value)
    }
}

/// A literal without quotes: a Boolean, null, a number, a GUID or a date.
fn bare_literal(word: &str) -> Option<Value> {
    match word {
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        "null" => return Some(Value::Null),
        _ => {}
    }
    if let Ok(number) = word.parse::<i64>() {
        return Some(Value::from(number));
    }
    let known = uuid::Uuid::try_parse(word).is_ok() || crate::clock::parse(word).is_some();
    known.then(|| Value::String(word.to_owned()))
}

fn renamed(filter: Filter, variable: &str) -> Result<Filter, String> {
    let rename = |path: String| match path.strip_prefix(variable) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => Ok(rest.to_owned()),
        _ => Err(path),
    };
    let boxed = |inner: Box<Filter>| renamed(*inner, variable).map(Box::new);
    Ok(match filter {
        Filter::And(left, right) => Filter::And(boxed(left)?, boxed(right)?),
        Filter::Or(left, right) => Filter::Or(boxed(left)?, boxed(right)?),
        Filter::Not(inner) => Filter::Not(boxed(inner)?),
        Filter::Compare { path, operator, value } => Filter::Compare { path: rename(path)?, operator, value },
        Filter::StartsWith { path, prefix } => Filter::StartsWith { path: rename(path)?, prefix },
        Filter::EndsWith { path, suffix } => Filter::EndsWith { path: rename(path)?, suffix },
        Filter::In { path, values } => Filter::In { path: rename(path)?, values },
        Filter::Any { path, .. } => return Err(path),
    })
}
