//! The words of an address and the words of kind among them.

use std::sync::LazyLock;

use base::text::{clean, fold, tone_neutral};

use crate::Kind;

/// A word of the text.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// As written, NFC.
    pub(super) text: String,
    /// Without tones.
    pub(super) folded: String,
    /// With its tones, wherever they are put.
    pub(super) neutral: String,
    /// Whether it is written without any tone or diacritic, so that it may stand for words with.
    pub(super) is_plain: bool,
    /// Where it begins and ends in the cleaned text, in bytes.
    pub(super) begin: usize,
    pub(super) end: usize,
    /// Number of the piece between commas in which it stands.
    pub(super) segment: usize,
    /// Whether a full stop follows.
    pub(super) dotted: bool,
}

/// How sure it is that a word of kind is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    /// "phường", "TP", "H.": what follows must be a unit.
    Strong,
    /// A lone letter, or a word that also begins the name of a road.
    Weak,
}

/// A word of kind: "thị xã", "P.".
#[derive(Clone, Debug)]
pub(super) struct Marker {
    /// The words it takes: from, and up to but without.
    pub(super) begin: usize,
    pub(super) end: usize,
    /// The kinds that it can mean.
    pub(super) kinds: &'static [Kind],
    pub(super) strength: Strength,
}

/// A text cut into words, with the words of kind found.
#[derive(Debug)]
pub(super) struct Text {
    /// The text in its stored form.
    pub(super) cleaned: String,
    pub(super) words: Vec<Word>,
    /// In the order of the text, not overlapping.
    pub(super) markers: Vec<Marker>,
    /// Whether the writer used no tones at all, so that nothing can be read from their absence.
    pub(super) is_plain: bool,
}

/// Words of kind as people write them, longer ones first.
const MARKERS: &[(&str, &[Kind])] = &[
    ("tổ dân phố", &[Kind::ToDanPho]),
    ("thành phố", &[Kind::NationalCity, Kind::ProvincialCity]),
    ("thị trấn", &[Kind::Township]),
    ("thị xã", &[Kind::Town]),
    ("đặc khu", &[Kind::SpecialZone]),
    ("khu vực", &[Kind::KhuVuc]),
    ("khu phố", &[Kind::KhuPho]),
    ("t p", &[Kind::NationalCity, Kind::ProvincialCity]),
    ("t x", &[Kind::Town]),
    ("t t", &[Kind::Township]),
    ("k v", &[Kind::KhuVuc]),
    ("tp", &[Kind::NationalCity, Kind::ProvincialCity]),
    ("tx", &[Kind::Town]),
    ("tt", &[Kind::Township]),
    ("tdp", &[Kind::ToDanPho]),
    ("kv", &[Kind::KhuVuc]),
    ("kp", &[Kind::KhuPho]),
    ("tỉnh", &[Kind::Province]),
    ("huyện", &[Kind::RuralDistrict]),
    ("quận", &[Kind::UrbanDistrict]),
    ("phường", &[Kind::Ward]),
    ("xã", &[Kind::Commune]),
    ("ấp", &[Kind::Ap]),
    ("thôn", &[Kind::Thon]),
    ("khóm", &[Kind::Khom]),
    ("h", &[Kind::RuralDistrict]),
    ("q", &[Kind::UrbanDistrict]),
    ("p", &[Kind::Ward]),
    ("f", &[Kind::Ward]),
    ("x", &[Kind::Commune]),
    ("a", &[Kind::Ap]),
    ("t", &[Kind::Province]),
];

/// A word of kind with the forms in which written words are compared with it.
struct Form {
    text: &'static str,
    kinds: &'static [Kind],
    /// Of the whole, and of each of its words.
    whole: Forms,
    words: Vec<Forms>,
}

struct Forms {
    folded: String,
    neutral: String,
    /// Whether it is one letter.
    is_letter: bool,
}

impl Forms {
    fn of(text: &str) -> Self {
        Self { folded: fold(text), neutral: tone_neutral(text), is_letter: text.len() == 1 }
    }

    /// Whether a written word is this one: with its tones, or without any.
    fn fits(&self, folded: &str, neutral: &str, is_plain: bool) -> bool {
        folded == self.folded && (is_plain || neutral == self.neutral)
    }
}

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let form = |(text, kinds): &(&'static str, &'static [Kind])| Form {
        text,
        kinds,
        whole: Forms::of(text),
        words: text.split(' ').map(Forms::of).collect(),
    };
    MARKERS.iter().map(form).collect()
});

/// Words before which or after which a word of kind speaks of a road, not of a unit.
const ROADS: &[&str] = &["lo", "duong", "hem", "cau", "cho", "kenh", "ben", "truong", "tram"];

impl Text {
    pub(super) fn read(text: &str) -> Self {
        let cleaned = clean(&text.replace(['\n', '\r'], ", "));
        let words = without_country(split(&cleaned));
        let markers = markers(&words);
        let is_plain = words.iter().all(|word| word.is_plain);
        Self { cleaned, words, markers, is_plain }
    }

    /// The words from and up to as they are written.
    pub(super) fn span(&self, begin: usize, end: usize) -> &str {
        let bounds = self.words.get(begin).zip(self.words.get(end.wrapping_sub(1)));
        bounds.map_or("", |(first, last)| &self.cleaned[first.begin..last.end])
    }

    /// The first word of a word's segment, and the one behind its last.
    pub(super) fn segment(&self, at: usize) -> (usize, usize) {
        let number = self.words[at].segment;
        let begin = self.words.partition_point(|word| word.segment < number);
        (begin, self.words.partition_point(|word| word.segment <= number))
    }

    /// Whether a road, a bridge or the like is named from this word on.
    pub(super) fn is_road(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| ROADS.contains(&&*word.folded))
    }
}

fn split(cleaned: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut begin, mut segment) = (None, 0);
    let mut letters = cleaned.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = letters.next() {
        let next = letters.peek().map_or(' ', |(_, next)| *next);
        let inside = c.is_alphanumeric() || (c == '/' && begin.is_some());
        if inside {
            begin.get_or_insert(at);
        }
        let end = if inside { at + c.len_utf8() } else { at };
        if let Some(from) = begin
            && (!inside || letters.peek().is_none())
        {
            push(&mut words, &cleaned[from..end], from, segment);
            begin = None;
        }
        let dash = matches!(c, '-' | '–') && before == ' ' && next == ' ';
        match c {
            '.' => {
                if let Some(word) = words.last_mut().filter(|word| word.end == at) {
                    word.dotted = true;
                }
            }
            ',' | ';' | '(' | ')' | '|' => segment += 1,
            _ if dash => segment += 1,
            _ => {}
        }
        before = c;
    }
    words
}

/// Adds a word, cut in two where a short word of kind is glued to a number or a name: P3, KV4,
/// PIII, TPCT.
fn push(words: &mut Vec<Word>, text: &str, begin: usize, segment: usize) {
    let digits = text.find(|c: char| c.is_ascii_digit()).filter(|at| *at > 0);
    let numbered = digits.filter(|at| {
        let (mark, number) = text.split_at(*at);
        number.bytes().all(|b| b.is_ascii_digit()) && is_marker(mark)
    });
    let upper = text.bytes().all(|b| b.is_ascii_uppercase());
    let roman = || {
        let cut = ["KV", "P", "Q"].into_iter().find_map(|mark| {
            let number = text.strip_prefix(mark)?;
            crate::snapshot::roman(number).map(|_| mark.len())
        });
        let city = (text.len() > 3 && text.starts_with("TP")).then_some(2);
        if upper { cut.or(city) } else { None }
    };
    let (head, tail) = numbered.or_else(roman).map_or((text, ""), |at| text.split_at(at));
    for (part, begin) in [(head, begin), (tail, begin + head.len())] {
        if !part.is_empty() {
            words.push(Word {
                text: part.to_owned(),
                folded: fold(part),
                neutral: tone_neutral(part),
                is_plain: part.is_ascii(),
                begin,
                end: begin + part.len(),
                segment,
                dotted: false,
            });
        }
    }
}

fn is_marker(word: &str) -> bool {
    let (folded, neutral) = (fold(word), tone_neutral(word));
    FORMS.iter().any(|form| form.whole.fits(&folded, &neutral, word.is_ascii()))
}

/// Leaves out what says nothing: the country at the end, and "(cũ)".
fn without_country(words: Vec<Word>) -> Vec<Word> {
    let mut words = words;
    let folded =
        |words: &[Word]| -> Vec<String> { words.iter().map(|word| word.folded.clone()).collect() };
    let tail = folded(&words);
    let country = match &tail[..] {
        [.., left, right] if left == "viet" && right == "nam" => 2,
        [.., last] if last == "vietnam" || last == "vn" => 1,
        _ => 0,
    };
    words.truncate(words.len() - country);
    let alone = |at: usize| {
        let number = words[at].segment;
        words.iter().filter(|word| word.segment == number).count() == 1
    };
    let former: Vec<bool> =
        (0..words.len()).map(|at| words[at].folded == "cu" && alone(at)).collect();
    let kept = words.into_iter().zip(former);
    kept.filter(|(_, former)| !former).map(|(word, _)| word).collect()
}

fn markers(words: &[Word]) -> Vec<Marker> {
    let mut markers: Vec<Marker> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match marker(words, at) {
            Some(marker) => {
                at = marker.end;
                markers.push(marker);
            }
            None => at += 1,
        }
    }
    markers
}

fn marker(words: &[Word], at: usize) -> Option<Marker> {
    let fits = |form: &&Form| {
        let ours = words.get(at..at + form.words.len());
        ours.is_some_and(|ours| {
            let letters = form.words.len() > 1 && form.words.iter().all(|word| word.is_letter);
            let together = ours.windows(2).all(|pair| pair[0].segment == pair[1].segment);
            let same = |(word, form): (&Word, &Forms)| {
                form.fits(&word.folded, &word.neutral, word.is_plain)
            };
            let dotted = !letters || ours[0].dotted;
            together && dotted && ours.iter().zip(&form.words).all(same)
        })
    };
    let form = FORMS.iter().find(fits)?;
    let end = at + form.words.len();
    let lone = form.whole.is_letter;
    // A dot makes a letter a word of kind, but for those that also shorten people's names.
    let sure = !lone || (words[at].dotted && !matches!(form.text, "t" | "a" | "f"));
    let road = |at: usize| words.get(at).is_some_and(|word| ROADS.contains(&&*word.folded));
    let of_road =
        road(end) || (at > 0 && road(at - 1) && words[at - 1].segment == words[at].segment);
    let strength = if sure && !of_road { Strength::Strong } else { Strength::Weak };
    Some(Marker { begin: at, end, kinds: form.kinds, strength })
}
