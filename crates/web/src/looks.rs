//! What a response shows of guarded data: told by whoever gives it out, gathered around the handler, and
//! noted by whoever checks sign-in before the response leaves.
//!
//! It is told where the data is given out and not where a page is made, so that a new page or file
//! cannot forget it. It is kept with the task of the request: a handler that goes on in a task of its
//! own tells nobody, so none does.

use std::cell::RefCell;
use std::mem::take;

use base::rights::Act;

/// Something guarded that a response shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The act that it takes.
    pub act: Act,
    /// The kind of record; empty for figures, of which the page or the file is the record.
    pub kind: &'static str,
    /// Which one; empty for a list.
    pub record: String,
    /// The people whose data it is, each by an id.
    pub subjects: Vec<String>,
    /// The unit of the record.
    pub unit: Option<i64>,
    /// What was asked for; no data of a person.
    pub words: String,
    /// How many records, or numbers.
    pub count: usize,
}

tokio::task_local! {
    static SHOWN: RefCell<Vec<Shown>>;
}

/// Tells that the response of this request shows something. Outside of a request, as on the command
/// line, there is nobody to be told.
pub fn tell(shown: Shown) {
    let _ = SHOWN.try_with(|all| all.borrow_mut().push(shown));
}

/// Runs a handler; gives what it told beside what it gave.
pub async fn listen<F: Future>(handler: F) -> (F::Output, Vec<Shown>) {
    let with_all = async {
        let given = handler.await;
        (given, SHOWN.with(|all| take(&mut *all.borrow_mut())))
    };
    SHOWN.scope(RefCell::default(), with_all).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(record: &str) -> Shown {
        let (subjects, words) = (Vec::new(), String::new());
        let record = record.to_owned();
        Shown { act: Act::ReadTrace, kind: "x", record, subjects, unit: None, words, count: 1 }
    }

    #[tokio::test]
    async fn what_is_told_belongs_to_the_request_in_which_it_is_told() {
        tell(shown("nobody is told"));
        let one = listen(async {
            tell(shown("a"));
            tokio::task::yield_now().await;
            tell(shown("b"));
            7
        });
        let other = listen(async { tell(shown("c")) });
        let ((given, first), ((), second)) = tokio::join!(one, other);
        assert_eq!((given, first), (7, vec![shown("a"), shown("b")]));
        assert_eq!(second, [shown("c")]);
    }
}
