//! A Rust file taken apart into code, comments and string literals, as far as the checks need it.

/// A file with its parts. `code` and `comments` keep the lines of the file: what belongs to
/// another part is blank in them.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// The code without comments and without what stands between quotes.
    pub(crate) code: String,
    /// The comments alone.
    pub(crate) comments: String,
    /// What stands between quotes, with the line on which it begins.
    pub(crate) literals: Vec<(usize, String)>,
    /// The line on which the file's module of tests begins; a far one when it has none.
    pub(crate) tests_from: usize,
}

enum Part {
    Code,
    Comment,
    /// So many bytes stand before and behind the text: quotes, hashes, a prefix.
    Literal {
        before: usize,
        behind: usize,
    },
}

impl Source {
    /// Takes a file apart.
    pub(crate) fn read(text: &str) -> Self {
        let mut source = Self::default();
        let (mut at, mut line, mut last) = (0, 1, ' ');
        while let Some(first) = text[at..].chars().next() {
            let (part, length) = next_part(&text[at..], first, last);
            let piece = &text[at..at + length];
            match part {
                Part::Code => source.add(piece, &blank(piece)),
                Part::Comment => source.add(&blank(piece), piece),
                Part::Literal { before, behind } => {
                    let inner = piece.get(before..length.saturating_sub(behind));
                    source.literals.push((line, inner.unwrap_or_default().to_owned()));
                    source.add(&blank(piece), &blank(piece));
                }
            }
            line += piece.matches('\n').count();
            last = piece.chars().next_back().unwrap_or(first);
            at += length;
        }
        source.tests_from = tests_from(&source.code);
        source
    }

    fn add(&mut self, code: &str, comment: &str) {
        self.code.push_str(code);
        self.comments.push_str(comment);
    }
}

fn blank(piece: &str) -> String {
    piece.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }).collect()
}

fn next_part(rest: &str, first: char, last: char) -> (Part, usize) {
    if rest.starts_with("//") {
        return (Part::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Part::Comment, block_comment(rest));
    }
    if !is_word(last)
        && let Some((before, behind, length)) = raw_literal(rest)
    {
        return (Part::Literal { before, behind }, length);
    }
    match first {
        '"' => (Part::Literal { before: 1, behind: 1 }, quoted(rest)),
        '\'' => (Part::Code, character(rest)),
        _ => (Part::Code, first.len_utf8()),
    }
}

/// Comments between `/*` and `*/` may stand in each other.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// `r"…"`, `br#"…"#`: bytes before the text, behind it, and in all.
fn raw_literal(rest: &str) -> Option<(usize, usize, usize)> {
    let unprefixed = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let hashed = unprefixed.strip_prefix('r')?;
    let opening = hashed.trim_start_matches('#').strip_prefix('"')?;
    let hashes = hashed.len() - opening.len() - 1;
    let before = rest.len() - opening.len();
    let end = format!("\"{}", "#".repeat(hashes));
    let inner = opening.find(&end).unwrap_or(opening.len());
    Some((before, end.len(), (before + inner + end.len()).min(rest.len())))
}

/// The length of `"…"` with its quotes.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of `'x'`; 1 where the quote begins a lifetime.
fn character(rest: &str) -> usize {
    if rest.starts_with("'\\") {
        return rest.get(3..).and_then(|more| more.find('\'')).map_or(rest.len(), |at| at + 4);
    }
    let mut letters = rest.char_indices().skip(2);
    letters.next().filter(|(_, letter)| *letter == '\'').map_or(1, |(at, _)| at + 1)
}

fn tests_from(code: &str) -> usize {
    let mut after_attribute = false;
    for (line, text) in (1..).zip(code.lines()) {
        let text = text.trim();
        if after_attribute && text.starts_with("mod ") && text.ends_with('{') {
            return line;
        }
        after_attribute = text == "#[cfg(test)]" || (after_attribute && text.starts_with('#'));
    }
    usize::MAX
}

/// Whether the letter can stand in a name.
pub(crate) fn is_word(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

/// The lines on which `wanted` stands and no letter touches it before or, where it ends with one,
/// behind.
pub(crate) fn lines_with<'a>(text: &'a str, wanted: &'a str) -> impl Iterator<Item = usize> + 'a {
    let stands = move |line: &str| {
        line.match_indices(wanted).any(|(at, _)| {
            let behind = &line[at + wanted.len()..];
            let open = !wanted.ends_with(is_word);
            !line[..at].ends_with(is_word) && (open || !behind.starts_with(is_word))
        })
    };
    (1..).zip(text.lines()).filter(move |(_, line)| stands(line)).map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_comments_and_code_are_told_apart() {
        let source = Source::read(concat!(
            "let a = \"one // two \\\" three\"; // \"four\"\n",
            "/* \"five\" /* nested */ */ let b = r#\"six \"quoted\" six\"#;\n",
            "fn f<'a>(x: &'a str) -> char { '\"' } let c = b\"seven\"; let r#type = '\\'';\n",
            "let d = \"eight\n nine\"; let e = \"ten\";",
        ));
        let found: Vec<_> =
            source.literals.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(
            found,
            [
                (1, "one // two \\\" three"),
                (2, "six \"quoted\" six"),
                (3, "seven"),
                (4, "eight\n nine"),
                (5, "ten"),
            ]
        );
        assert!(source.comments.contains("\"four\"") && source.comments.contains("nested */ */"));
        assert!(source.code.contains("let b =") && !source.code.contains("five"));
        assert_eq!(source.code.lines().count(), 5);
    }

    #[test]
    fn text_that_ends_in_the_middle_is_read_to_its_end() {
        for text in ["\"open", "r#\"open", "/* open", "'", "'\\", "'\\'", "// đ", "b", "\"\\"] {
            let source = Source::read(text);
            assert!(source.code.len() <= text.len(), "{text}");
        }
    }

    #[test]
    fn the_module_of_tests_is_found() {
        assert_eq!(Source::read("//! A.\n#[cfg(test)]\nmod tests {\n}\n").tests_from, 3);
        assert_eq!(Source::read("#[cfg(test)]\n#[path = \"x\"]\nmod tests {\n}\n").tests_from, 3);
        assert_eq!(Source::read("#[cfg(test)]\nmod tests;\nfn f() {}\n").tests_from, usize::MAX);
    }

    #[test]
    fn words_are_found_as_words() {
        let lines = |text, wanted| lines_with(text, wanted).collect::<Vec<_>>();
        assert_eq!(lines("use axum::Router;\nuse utoipa_axum::x;\n(axum::x)", "axum::"), [1, 3]);
        assert_eq!(lines("TO\nTODO: x\nTODOS", "TODO"), [2]);
    }
}
