//! Web feeds in the form of Atom (RFC 4287), which any feed reader follows.

use axum::http::HeaderMap;
use axum::response::Response;
use base::{Error, Moment, Result};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::export;

const NAMESPACE: &str = "http://www.w3.org/2005/Atom";
const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";

/// A feed, or one page of it.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    /// An address of its own for ever, best a tag (RFC 4151).
    pub id: String,
    /// The language of its words: `vi`.
    pub lang: &'static str,
    /// What it tells of.
    pub title: String,
    /// Who tells it.
    pub author: String,
    /// This page of it.
    pub self_href: String,
    /// The page for people.
    pub page_href: String,
    /// The page of it with older entries (RFC 5005).
    pub next_href: Option<String>,
    /// When something was told last.
    pub updated: Option<Moment>,
    /// The newest first.
    pub entries: Vec<Entry>,
}

/// Something that is told.
#[derive(Clone, Debug)]
pub struct Entry {
    /// An address of its own for ever.
    pub id: String,
    /// In one line.
    pub title: String,
    /// In plain words.
    pub content: String,
    /// The page for people.
    pub href: String,
    /// When it was told.
    pub updated: Moment,
}

impl Feed {
    /// The feed as a response; none of its bytes when the one who asks has them already.
    ///
    /// Errors: `Internal`.
    pub fn respond(&self, headers: &HeaderMap) -> Result<Response> {
        Ok(export::tagged(headers, MEDIA_TYPE, self.to_xml()?))
    }

    /// Errors: `Internal`.
    pub(crate) fn to_xml(&self) -> Result<Vec<u8>> {
        let mut writer = Writer::new(Vec::new());
        let declared = BytesDecl::new("1.0", Some("utf-8"), None);
        writer.write_event(Event::Decl(declared)).map_err(Error::internal)?;
        writer
            .create_element("feed")
            .with_attributes([("xmlns", NAMESPACE), ("xml:lang", self.lang)])
            .write_inner_content(|writer| self.inside(writer))
            .map_err(Error::internal)?;
        Ok(writer.into_inner())
    }

    fn inside(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        text(writer, "id", &self.id)?;
        text(writer, "title", &self.title)?;
        text(writer, "updated", &self.updated.unwrap_or(Moment(0)).to_string())?;
        writer.create_element("author").write_inner_content(|it| text(it, "name", &self.author))?;
        link(writer, "self", &self.self_href)?;
        link(writer, "alternate", &self.page_href)?;
        if let Some(next) = &self.next_href {
            link(writer, "next", next)?;
        }
        for entry in &self.entries {
            writer.create_element("entry").write_inner_content(|writer| {
                text(writer, "id", &entry.id)?;
                text(writer, "title", &entry.title)?;
                text(writer, "updated", &entry.updated.to_string())?;
                link(writer, "alternate", &entry.href)?;
                text(writer, "content", &entry.content)
            })?;
        }
        Ok(())
    }
}

fn text(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> std::io::Result<()> {
    let clean = readable(text);
    writer.create_element(name).write_text_content(BytesText::new(&clean))?;
    Ok(())
}

fn link(writer: &mut Writer<Vec<u8>>, rel: &str, href: &str) -> std::io::Result<()> {
    let href = readable(href);
    writer
        .create_element("link")
        .with_attributes([("rel", rel), ("href", &*href)])
        .write_empty()?;
    Ok(())
}

/// Without the characters that no XML document may hold, however they are written (XML 1.0, 2.2).
fn readable(text: &str) -> String {
    let may_stand = |letter: &char| matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(may_stand).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use quick_xml::Reader;

    #[test]
    fn whatever_stands_in_the_words_the_feed_can_be_read() {
        let nasty = "Xã <b>\"Vị\" & \u{1}\u{FFFE}Thủy</b>]]>";
        let entry = Entry {
            id: "tag:x,2026:1".to_owned(),
            title: nasty.to_owned(),
            content: nasty.to_owned(),
            href: "/targets/a?on=2025-01-01&x=\"<".to_owned(),
            updated: Moment(1_000_000),
        };
        let feed =
            Feed { title: nasty.to_owned(), lang: "vi", entries: vec![entry], ..Feed::default() };
        let xml = String::from_utf8(feed.to_xml().unwrap()).unwrap();
        assert!(xml.contains("Xã &lt;b&gt;"), "{xml}");
        assert!(!xml.contains('\u{1}') && !xml.contains("<b>"), "{xml}");
        assert!(xml.contains("<updated>1970-01-01T00:00:01Z</updated>"), "{xml}");
        let mut reader = Reader::from_str(&xml);
        let (mut open, mut entries) = (0, 0);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    open += 1;
                    entries += usize::from(start.name().as_ref() == "entry");
                }
                Event::End(_) => open -= 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!((open, entries), (0, 1));
    }
}
