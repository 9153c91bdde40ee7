//! Pages to be made: HTML, and the files that it names.

use bytes::Bytes;
use graph_client::Error;
use http::HeaderValue;

/// The name of the part that holds the HTML.
const PRESENTATION: &str = "Presentation";

/// A page to be made, from HTML and the pictures and files that it shows.
///
/// The HTML names a [`part`](Self::part) where it would name an address: `<img src="name:map" />`, or
/// `<object data-attachment="map.pdf" data="name:map" type="application/pdf" />`. It is XHTML: every element is closed.
/// Of the scripts, styles and elements that the service doesn't know, it leaves out some.
///
/// Refused before anything is sent: HTML that names a part that isn't there, two parts of one name, a name of other
/// characters than ASCII letters, digits, `-`, `_` and `.`, and a media type that is none. All parts together can have
/// some tens of megabytes.
///
/// ```
/// use graph_facade::NewPage;
///
/// let png = vec![0x89, b'P', b'N', b'G'];
/// let page = NewPage::new("Oslo → Bergen 🛫", r#"<p>The way:</p><img src="name:map" />"#).part("map", "image/png", png);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a page has to be handed to `create`"]
pub struct NewPage {
    html: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    name: String,
    media_type: String,
    content: Bytes,
}

impl NewPage {
    /// A page of this title, which is any text, with this HTML in its body.
    pub fn new(title: &str, body: &str) -> Self {
        let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        Self::from_html(format!(
            "<!DOCTYPE html>\n<html>\n<head><title>{title}</title></head>\n<body>\n{body}\n</body>\n</html>\n"
        ))
    }

    /// A page of a whole HTML document. Its `title` is the title of the page, and
    /// `<meta name="created" content="2026-01-05T08:00:00Z" />` says when it was written.
    pub fn from_html(html: impl Into<String>) -> Self {
        Self { html: html.into(), parts: Vec::new() }
    }

    /// Adds a picture or a file, which the HTML calls `name:` and its name.
    pub fn part(
        mut self,
        name: impl Into<String>,
        media_type: impl Into<String>,
        content: impl Into<Bytes>,
    ) -> Self {
        self.parts.push(Part { name: name.into(), media_type: media_type.into(), content: content.into() });
        self
    }

    /// The page as it is sent: a form of several parts, if there is more than the HTML.
    pub(super) fn form(self) -> Form {
        let boundary = (!self.parts.is_empty()).then(|| self.boundary());
        Form { page: self, boundary }
    }

    /// A line that is nowhere in the page. It follows from the content, so that the same page is sent as the same bytes.
    fn boundary(&self) -> String {
        let parts = self.parts.iter().map(|part| &part.content[..]);
        let contents: Vec<_> = parts.chain([self.html.as_bytes()]).collect();
        // FNV-1a: spread well, and nothing to keep secret.
        let hash = contents.iter().copied().flatten().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        free_boundary(&contents, hash)
    }
}

/// The first boundary from `number` on that none of `contents` has.
fn free_boundary(contents: &[&[u8]], mut number: u64) -> String {
    loop {
        let boundary = format!("page-{number:016x}");
        if !contents.iter().any(|content| contains(content, boundary.as_bytes())) {
            return boundary;
        }
        number = number.wrapping_add(1);
    }
}

fn contains(content: &[u8], wanted: &[u8]) -> bool {
    content.windows(wanted.len()).any(|window| window == wanted)
}

/// A page in the form in which it is sent.
#[derive(Debug)]
pub(super) struct Form {
    page: NewPage,
    /// What stands between the parts; none if the HTML is alone.
    boundary: Option<String>,
}

impl Form {
    /// The media type, where it is another than that of HTML alone.
    pub(super) fn media_type(&self) -> Option<HeaderValue> {
        let boundary = self.boundary.as_ref()?;
        HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}")).ok()
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let NewPage { html, parts } = &self.page;
        if html.trim().is_empty() {
            return Err(Error::refused("the page is empty: give it HTML with a title"));
        }
        for (index, part) in parts.iter().enumerate() {
            let name = &part.name;
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let wrong = if name.is_empty() || !name.chars().all(plain) {
                "name it with ASCII letters, digits, `-`, `_` and `.`".to_owned()
            } else if name.eq_ignore_ascii_case(PRESENTATION) {
                "the HTML itself is called so: take another name".to_owned()
            } else if parts[..index].iter().any(|other| other.name == *name) {
                "another part has that name: give each its own".to_owned()
            } else if !is_media_type(&part.media_type) {
                format!("`{}` is no media type, such as `image/png`", part.media_type)
            } else {
                continue;
            };
            return Err(Error::refused(format!("part `{name}`: {wrong}")));
        }
        match named_parts(html).find(|name| !parts.iter().any(|part| part.name == *name)) {
            Some(missing) => Err(Error::refused(format!(
                "the HTML shows `name:{missing}`, and no part has that name: add it with `part`"
            ))),
            None => Ok(()),
        }
    }

    pub(super) fn into_bytes(self) -> Bytes {
        let Self { page: NewPage { html, parts }, boundary } = self;
        let Some(boundary) = boundary else { return html.into() };
        let mut body =
            Vec::with_capacity(html.len() + parts.iter().map(|part| part.content.len() + 256).sum::<usize>());
        let html =
            Part { name: PRESENTATION.to_owned(), media_type: "text/html".to_owned(), content: html.into() };
        for Part { name, media_type, content } in std::iter::once(&html).chain(&parts) {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        body.into()
    }
}

/// `type/subtype`, with parameters or without.
fn is_media_type(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c))
    };
    let kind = text.split(';').next().unwrap_or_default().trim();
    kind.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
        && HeaderValue::from_str(text).is_ok()
}

/// The parts that HTML shows: what stands in an attribute after `name:`.
fn named_parts(html: &str) -> impl Iterator<Item = &str> {
    ['"', '\''].into_iter().flat_map(move |quote| {
        let values = html.split(quote).skip(1);
        values.filter_map(|value| value.strip_prefix("name:"))
    })
}

#[cfg(test)]
mod tests;
