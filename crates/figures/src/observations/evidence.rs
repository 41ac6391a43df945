//! Which files of evidence are taken: told by what they hold, not by what they say of themselves.

use lang::Text;
use web::filetype::FileType;

use super::model::{Evidence, LARGEST_EVIDENCE_BYTES};

/// The names of the kinds, "PDF, PNG, …".
pub(crate) fn kinds() -> String {
    FileType::ALL.map(FileType::name).join(", ")
}

/// The endings, as the field of a form names them: ".pdf,.png,…".
pub(crate) fn endings() -> String {
    let endings = FileType::ALL.into_iter().flat_map(FileType::endings);
    endings.map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(",")
}

/// The media type of a file whose content is what its name ends in.
pub(crate) fn media_type(file: &Evidence) -> Option<&'static str> {
    FileType::find(&file.name, &file.content).map(FileType::media_type)
}

/// What is wrong with a file.
pub(crate) fn wrong(file: &Evidence) -> Option<Text> {
    if file.content.len() > LARGEST_EVIDENCE_BYTES {
        let most = LARGEST_EVIDENCE_BYTES >> 20;
        return Some(Text::new(move |lang| lang::observations::file_too_large(lang, most)));
    }
    let refused = || Text::new(|lang| lang::observations::file_kind(lang, kinds()));
    media_type(file).is_none().then(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_for_what_it_holds_and_no_larger_than_it_may_be() {
        let large = [&b"%PDF-1.7"[..], &vec![0; LARGEST_EVIDENCE_BYTES]].concat();
        for (name, content, holds) in [
            ("a.pdf", &b"%PDF-1.7 ..."[..], true),
            ("a.pdf", &large, false),
            ("a.pdf", b"<html>", false),
            ("a.html", b"%PDF-1.7", false),
            ("a.png", b"\xff\xd8\xff\xe0", false),
            ("a.jpeg", b"\xff\xd8\xff\xe0", true),
            ("a.xlsx", b"PK\x03\x04 only an archive", false),
            ("a.csv", "số;hộ\r\n1;2\n".as_bytes(), true),
            ("a.txt", b"MZ\x90\x00", false),
            ("a.bat", b"del *", false),
        ] {
            let file = Evidence {
                name: name.to_owned(),
                media_type: "image/png".to_owned(),
                content: content.to_vec(),
            };
            assert_eq!(wrong(&file).is_none(), holds, "{name}");
        }
    }
}
