//! The parts of a workbook: XML files in a ZIP file, unpacked no further than they may be.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{BufReader, Cursor, Read};

use base::{Error, Result};
use quick_xml::events::{BytesEnd, BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::{LARGEST_UNPACKED_BYTES, refuse, unpacks_too_large};

/// More parts are refused.
const MOST_PARTS: usize = 1000;
/// A part that refers to more others is refused.
const MOST_RELATIONS: usize = 10_000;
/// Elements stand no deeper in each other.
const DEEPEST: usize = 64;

/// A workbook that cannot be read.
pub(super) fn damaged() -> Error {
    refuse("file", lang::file::damaged)
}

/// What may still be unpacked, of all parts together.
#[derive(Debug)]
struct Budget {
    bytes_left: Cell<usize>,
    is_spent: Cell<bool>,
}

/// The bytes of a part, counted as they come out: what the file says of its size is not believed.
struct Counted<'a, R> {
    inner: R,
    budget: &'a Budget,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.budget.bytes_left.get().checked_sub(count) {
            Some(left) => self.budget.bytes_left.set(left),
            None => {
                self.budget.is_spent.set(true);
                return Err(std::io::Error::other("the parts unpack to too much"));
            }
        }
        Ok(count)
    }
}

/// The parts by their paths.
pub(super) struct Package<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// By the path in small letters: programs do not agree on it.
    places: HashMap<String, usize>,
    budget: Budget,
}

/// What a part refers to.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) id: String,
    /// The last word of its kind: `worksheet`, `styles`.
    pub(super) kind: String,
    pub(super) path: String,
}

impl<'a> Package<'a> {
    /// Errors: `Invalid` at `file` for what is not a ZIP file.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
        if zip.len() > MOST_PARTS {
            return Err(damaged());
        }
        let mut places = HashMap::new();
        for (at, name) in zip.file_names().enumerate() {
            let name = name.map_err(|_| damaged())?;
            places.insert(name.replace('\\', "/").to_lowercase(), at);
        }
        let bytes_left = Cell::new(LARGEST_UNPACKED_BYTES);
        Ok(Self { zip, places, budget: Budget { bytes_left, is_spent: Cell::new(false) } })
    }

    /// The part at a path.
    ///
    /// Errors: `Invalid` at `file` when it is not there.
    pub(super) fn part(&mut self, path: &str) -> Result<Xml<'_>> {
        let place = self.places.get(&path.to_lowercase()).ok_or_else(damaged)?;
        let inner = self.zip.by_index(*place).map_err(|_| damaged())?;
        let inner: Box<dyn Read + '_> = Box::new(Counted { inner, budget: &self.budget });
        let mut reader = Reader::from_reader(BufReader::new(inner));
        reader.config_mut().expand_empty_elements = true;
        Ok(Xml { reader, buffer: Vec::new(), depth: 0, budget: &self.budget })
    }

    /// What the part at a path refers to; of the package itself for an empty one.
    ///
    /// Format: ECMA-376-2, 6.5.
    pub(super) fn relations(&mut self, path: &str) -> Result<Vec<Relation>> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut xml = self.part(&resolve(folder, &format!("_rels/{name}.rels")))?;
        let mut relations = Vec::new();
        loop {
            match xml.next()? {
                Node::End => return Ok(relations),
                Node::Open(start) if name_of(&start) == "Relationship" => {
                    if relations.len() >= MOST_RELATIONS {
                        return Err(damaged());
                    }
                    let get = |name| attribute(&start, name).unwrap_or_default();
                    let kind = get("Type");
                    let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                    let path = resolve(folder, &get("Target"));
                    relations.push(Relation { id: get("Id"), kind, path });
                }
                _ => {}
            }
        }
    }
}

/// The path of a target that a part in a folder names; nothing leads out of the package.
fn resolve(folder: &str, target: &str) -> String {
    let (folder, target) = match target.strip_prefix('/') {
        Some(target) => ("", target),
        None => (folder, target),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A part as XML, one thing after the other.
pub(super) struct Xml<'a> {
    reader: Reader<BufReader<Box<dyn Read + 'a>>>,
    buffer: Vec<u8>,
    depth: usize,
    budget: &'a Budget,
}

/// What comes next.
pub(super) enum Node<'a> {
    Open(BytesStart<'a>),
    Close(BytesEnd<'a>),
    Text(String),
    Other,
    End,
}

impl Xml<'_> {
    /// Errors: `Invalid` at `file` for what is no XML, and when all parts together unpack to too
    /// much.
    pub(super) fn next(&mut self) -> Result<Node<'_>> {
        self.buffer.clear();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(_) if self.budget.is_spent.get() => return Err(unpacks_too_large()),
            Err(_) => return Err(damaged()),
        };
        Ok(match event {
            Event::Start(start) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(damaged());
                }
                Node::Open(start)
            }
            Event::End(end) => {
                self.depth = self.depth.saturating_sub(1);
                Node::Close(end)
            }
            Event::Text(text) => Node::Text(text.xml10_content().into_owned()),
            Event::CData(text) => Node::Text(text.xml10_content().into_owned()),
            Event::GeneralRef(name) => Node::Text(referred(&name)?),
            Event::Eof if self.depth > 0 => return Err(damaged()),
            Event::Eof => Node::End,
            // Parts of a workbook declare no entities (ECMA-376-2, 6.2.5).
            Event::DocType(_) => return Err(damaged()),
            _ => Node::Other,
        })
    }
}

/// `<` for `lt`, `A` for `#65`.
fn referred(name: &BytesRef<'_>) -> Result<String> {
    if let Some(letter) = name.resolve_char_ref().map_err(|_| damaged())? {
        return Ok(letter.to_string());
    }
    let known = quick_xml::escape::resolve_predefined_entity(name);
    known.map(str::to_owned).ok_or_else(damaged)
}

/// The name of an element without its prefix.
pub(super) fn name_of<'a>(start: &'a BytesStart<'_>) -> &'a str {
    start.local_name().into_inner()
}

/// The value of an attribute, whatever its prefix.
pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    // Comparing each with all before it would take long where there are very many.
    let mut attributes = start.attributes();
    let mut attributes = attributes.with_checks(false).flatten();
    let found = attributes.find(|it| it.key.local_name().as_ref() == name)?;
    Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_target_leads_out_of_the_package() {
        for (folder, target, expected) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/styles.xml", "xl/styles.xml"),
            ("xl/worksheets", "../sharedStrings.xml", "xl/sharedStrings.xml"),
            ("xl", "../../../etc/passwd", "etc/passwd"),
            ("", "./xl//workbook.xml", "xl/workbook.xml"),
        ] {
            assert_eq!(resolve(folder, target), expected);
        }
    }
}
