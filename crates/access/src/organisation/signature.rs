//! The lines above a signature, as the decree on official documents writes them.

use base::Day;

use super::chart::Chart;
use super::model::{Delegate, Form, Holding, Manner, PersonId, Post, PostId};

/// How somebody signs (*quyền hạn, chức vụ và họ tên*). Documents are written in Vietnamese, so
/// these lines have no other language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH".
    pub lines: Vec<String>,
    /// Who signs.
    pub person: PersonId,
    /// For what, where it was delegated; empty where it is one's own authority.
    pub subject: String,
}

impl Signature {
    /// The same on behalf of a collective: "TM. ỦY BAN NHÂN DÂN" above the other lines.
    ///
    /// Law: 30/2020/NĐ-CP annex I part I section II(7)(a).
    #[must_use]
    pub fn for_collective(mut self, name: &str) -> Self {
        self.lines.insert(0, format!("TM. {}", name.to_uppercase()));
        self
    }
}

/// Why nobody signs by a post on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSignature {
    /// Nobody held it.
    Vacant,
    /// Who is in charge of the head's post holds no post of a deputy, for which the decree has no form.
    NoForm,
    /// Whoever holds it was given nothing to sign.
    NotDelegated,
}

/// The ways in which the holders of a post sign on a day: the head by own authority, others for the
/// head as far as it was delegated to them.
///
/// Errors: [`NoSignature`].
/// Law: 30/2020/NĐ-CP art. 13 and annex I part I section II(7): "Q." before the post of one who was
/// given the powers of the head; "KT.", "TL.", "TUQ." before the head's post and the signer's own
/// below it; a deputy in charge signs as a deputy does.
pub fn signature_block(
    chart: &Chart,
    post: PostId,
    day: Day,
) -> Result<Vec<Signature>, NoSignature> {
    let holders = chart.who_held(post, day);
    let Some(post) = chart.posts.get(&post).filter(|_| !holders.is_empty()) else {
        return Err(NoSignature::Vacant);
    };
    let mut signatures = Vec::new();
    let mut without_form = false;
    for holding in holders {
        if post.leads {
            match own(chart, post, holding, day) {
                Some(lines) => {
                    let subject = String::new();
                    signatures.push(Signature { lines, person: holding.person, subject });
                }
                None => without_form = true,
            }
        }
        signatures.extend(delegated(chart, post, holding, day));
    }
    match (signatures.is_empty(), without_form) {
        (false, _) => Ok(signatures),
        (true, true) => Err(NoSignature::NoForm),
        (true, false) => Err(NoSignature::NotDelegated),
    }
}

fn own(chart: &Chart, post: &Post, holding: &Holding, day: Day) -> Option<Vec<String>> {
    let title = upper(post);
    match holding.manner {
        Manner::Appointed => Some(vec![title]),
        Manner::Acting => Some(vec![format!("Q. {title}")]),
        Manner::InCharge => {
            let held = chart.held_by(holding.person, day);
            let held = held.filter_map(|it| chart.posts.get(&it.post));
            let deputies = held.filter(|it| it.agency == post.agency && !it.leads);
            let deputy = deputies.min_by_key(|it| (it.rank, it.id))?;
            Some(vec![format!("KT. {title}"), upper(deputy)])
        }
    }
}

fn delegated(chart: &Chart, post: &Post, holding: &Holding, day: Day) -> Vec<Signature> {
    let mut found: Vec<(usize, Signature)> = Vec::new();
    for (delegation, from) in chart.delegated(day) {
        let is_ours = match delegation.to {
            Delegate::Post(to) => to == post.id,
            Delegate::Person(to) => to == holding.person,
        };
        let Some(head) = chart.posts.get(&from.post).filter(|_| is_ours) else { continue };
        let lines = vec![format!("{} {}", prefix(delegation.form), upper(head)), upper(post)];
        let subject = delegation.subject.clone();
        found.push((order(delegation.form), Signature { lines, person: holding.person, subject }));
        if delegation.form != Form::Kt {
            continue;
        }
        // The head of a part who signs by order may let a deputy do so: "TL. CHỦ TỊCH",
        // "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG".
        for (above, whose) in chart.delegated(day) {
            let is_heads =
                above.to == Delegate::Post(head.id) || above.to == Delegate::Person(from.person);
            let Some(top) = chart.posts.get(&whose.post) else { continue };
            if above.form == Form::Tl && is_heads {
                let lines = vec![
                    format!("TL. {}", upper(top)),
                    format!("KT. {}", upper(head)),
                    upper(post),
                ];
                let subject = above.subject.clone();
                let order = order(Form::Tl);
                found.push((order, Signature { lines, person: holding.person, subject }));
            }
        }
    }
    found.sort_by_key(|(order, _)| *order);
    found.into_iter().map(|(_, signature)| signature).collect()
}

fn upper(post: &Post) -> String {
    post.signs_as.to_uppercase()
}

const fn prefix(form: Form) -> &'static str {
    match form {
        Form::Kt => "KT.",
        Form::Tl => "TL.",
        Form::Tuq => "TUQ.",
    }
}

const fn order(form: Form) -> usize {
    match form {
        Form::Kt => 0,
        Form::Tl => 1,
        Form::Tuq => 2,
    }
}
