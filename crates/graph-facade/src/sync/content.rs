//! Contents of a learning provider as what is kept in step.

use graph_models::models::{LearningContent, NewLearningContent};
use serde_json::value::RawValue;
use url::Url;

use super::synced::{Problem, Synced, in_utc};

impl Synced for NewLearningContent {
    type Read = LearningContent;

    const KEY: &'static str = "externalId";

    fn from_read(read: LearningContent) -> Self {
        let mut new = Self::new(
            read.external_id.unwrap_or_default(),
            read.title.unwrap_or_default(),
            read.content_web_url.unwrap_or_default(),
            read.language_tag.unwrap_or_default(),
        );
        new.additional_tags = read.additional_tags;
        new.contributors = read.contributors;
        new.created_date_time = read.created_date_time;
        new.description = read.description;
        new.duration = read.duration;
        new.format = read.format;
        new.is_active = read.is_active;
        new.is_premium = read.is_premium;
        new.is_searchable = read.is_searchable;
        new.last_modified_date_time = read.last_modified_date_time;
        new.level = read.level;
        new.number_of_pages = read.number_of_pages;
        new.skill_tags = read.skill_tags;
        new.source_name = read.source_name;
        new.thumbnail_web_url = read.thumbnail_web_url;
        // Annotations and explicit nulls say nothing about the content.
        for (name, json) in read.extra.iter().filter(|(name, _)| !name.contains('@')) {
            if let Ok(value) = serde_json::from_str::<&RawValue>(json) {
                new.extra.set(name, &value).ok();
            }
        }
        new
    }

    fn key(&self) -> &str {
        &self.external_id
    }

    fn complete(&mut self) {
        self.is_active.get_or_insert(true);
        self.is_premium.get_or_insert(false);
        self.is_searchable.get_or_insert(true);
        in_utc(&mut self.created_date_time);
        in_utc(&mut self.last_modified_date_time);
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut check = |property, verdict: Result<(), String>| {
            problems.extend(verdict.err().map(|message| Problem::new(property, message)));
        };
        check("externalId", present(&self.external_id));
        check("title", present(&self.title));
        check(
            "contentWebUrl",
            present(&self.content_web_url).and_then(|()| web_address(&self.content_web_url)),
        );
        check("languageTag", present(&self.language_tag).and_then(|()| language_tag(&self.language_tag)));
        if let Some(address) = &self.thumbnail_web_url {
            check("thumbnailWebUrl", web_address(address));
        }
        if let Some(duration) = &self.duration {
            check("duration", iso_duration(duration));
        }
        if let Some(pages) = self.number_of_pages.filter(|pages| *pages < 0) {
            check("numberOfPages", Err(format!("is {pages}, and can't be less than 0")));
        }
        for (property, date) in [
            ("createdDateTime", &self.created_date_time),
            ("lastModifiedDateTime", &self.last_modified_date_time),
        ] {
            let verdict = date.as_ref().map_or(Ok(()), |date| date.to_utc().map(drop));
            check(property, verdict.map_err(|error| error.to_string()));
        }
        problems
    }
}

fn present(text: &str) -> Result<(), String> {
    if text.trim().is_empty() { Err("is missing".to_owned()) } else { Ok(()) }
}

fn web_address(text: &str) -> Result<(), String> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    match Url::parse(text) {
        Ok(url) if is_web(&url) => Ok(()),
        _ => Err(format!("is `{text}`, and must be a whole address, such as https://example.com/course")),
    }
}

/// The form of RFC 5646: a language of 2 to 8 letters, then parts of up to 8 letters and digits.
fn language_tag(text: &str) -> Result<(), String> {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let is_language =
        (2..=8).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_part =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_language && parts.all(is_part) {
        Ok(())
    } else {
        Err(format!("is `{text}`, and must be a language tag, such as en-us"))
    }
}

/// `P1DT2H3M4.5S` and its parts, at least one of them; weeks alone.
fn iso_duration(text: &str) -> Result<(), String> {
    let is_valid = || {
        let rest = text.strip_prefix('P')?;
        let (date, time) = match rest.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (rest, None),
        };
        let dates = units(date, if time.is_none() && date.ends_with('W') { "W" } else { "YMD" })?;
        let times = time.map_or(Some(0), |time| units(time, "HMS").filter(|parts| *parts > 0))?;
        (dates + times > 0).then_some(())
    };
    is_valid().ok_or_else(|| format!("is `{text}`, and must be an ISO 8601 duration, such as PT1H20M"))
}

/// How many numbers there are, each followed by a unit of `allowed` and these in order. Only seconds may have a fraction.
fn units(mut text: &str, mut allowed: &str) -> Option<usize> {
    let mut parts = 0;
    while !text.is_empty() {
        let end = text.find(|letter: char| letter.is_ascii_alphabetic())?;
        let (number, unit) = (&text[..end], text[end..].chars().next()?);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let is_number =
            |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) || (number.contains('.') && unit != 'S') {
            return None;
        }
        allowed = &allowed[allowed.find(unit)? + 1..];
        text = &text[end + 1..];
        parts += 1;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use graph_models::models::{LearningContent, NewLearningContent};

    use super::{Synced, iso_duration, language_tag, web_address};

    #[test]
    fn durations() {
        for good in ["PT20M", "P1D", "P1Y2M3DT4H5M6.7S", "P2W", "PT0S", "P0D"] {
            assert_eq!(iso_duration(good), Ok(()), "{good}");
        }
        for bad in [
            "", "P", "PT", "PDT1H", "P1DT", "20M", "PT20", "PT1M1H", "P1W1D", "PT1.5M", "PT-1M", "pt1m",
            "PTäM",
        ] {
            assert!(iso_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn languages_and_addresses() {
        for good in ["en", "en-us", "zh-Hant-TW", "de-1996"] {
            assert_eq!(language_tag(good), Ok(()), "{good}");
        }
        for bad in ["e", "en_us", "en-", "englishes", "12", "en-ü"] {
            assert!(language_tag(bad).is_err(), "{bad}");
        }
        assert_eq!(web_address("https://example.com/a?b#c"), Ok(()));
        for bad in [
            "",
            "example.com/a",
            "ftp://example.com",
            "https://",
            "javascript:alert(1)",
            "mailto:a@example.com",
        ] {
            assert!(web_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let mut read = LearningContent::default();
        read.content_web_url = Some("example".into());
        read.duration = Some("PDT1H".into());
        read.number_of_pages = Some(-1);
        read.created_date_time = Some(graph_models::GraphDateTime::from_text("yesterday"));
        let problems = NewLearningContent::from_read(read).problems();
        let properties: Vec<_> = problems.iter().map(|problem| problem.property).collect();
        let expected = [
            "externalId",
            "title",
            "contentWebUrl",
            "languageTag",
            "duration",
            "numberOfPages",
            "createdDateTime",
        ];
        assert_eq!(properties, expected);
    }

    #[test]
    fn what_the_service_takes_for_granted_changes_nothing() {
        let new = || NewLearningContent::new("a", "A", "https://example.com", "en");
        let date = graph_models::GraphDateTime::from_text;
        let mut short = new().created_date_time(date("2026-01-31T09:00:00+01:00"));
        let mut long = new()
            .is_active(true)
            .is_searchable(true)
            .is_premium(false)
            .created_date_time(date("2026-01-31T08:00:00"));
        short.complete();
        long.complete();
        assert_eq!(short.fingerprint().unwrap(), long.fingerprint().unwrap());
        let mut inactive = new().is_active(false);
        inactive.complete();
        assert_ne!(short.fingerprint().unwrap(), inactive.fingerprint().unwrap());
    }
}
