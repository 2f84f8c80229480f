//! What is shown of an answer: grey lines until it is there, then what a page makes of it.

use super::notice::Skeleton;
use crate::api::{
    error::Problem,
    source::{Answer, Source, Told},
};
use leptos::{prelude::*, server::codee::string::FromToStringCodec};
use std::sync::Arc;

/// Makes a view of the answers.
type Make = Arc<dyn Fn(&[Answer]) -> AnyView + Send + Sync>;

/// Shows an answer; until it is there so many grey lines.
pub fn loaded<T>(
    source: Source<T>,
    lines: usize,
    view: impl Fn(Result<T, Problem>) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Told,
{
    all_loaded(vec![source.answer], lines, Arc::new(move |answers| view(read(answers, 0))))
}

/// Shows two answers together.
pub fn both_loaded<T, U>(
    (first, second): (Source<T>, Source<U>),
    lines: usize,
    view: impl Fn(Result<T, Problem>, Result<U, Problem>) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Told,
    U: Told,
{
    let make: Make = Arc::new(move |answers| view(read(answers, 0), read(answers, 1)));
    all_loaded(vec![first.answer, second.answer], lines, make)
}

fn read<T: Told>(answers: &[Answer], at: usize) -> Result<T, Problem> {
    answers.get(at).map_or_else(|| Err(Problem::internal()), Answer::read)
}

fn all_loaded(answers: Vec<Resource<Answer, FromToStringCodec>>, lines: usize, make: Make) -> AnyView {
    view! {
        <Transition fallback=move || (lines > 0).then(|| view! { <Skeleton lines=lines /> })>
            {move || {
                let (answers, make) = (answers.clone(), Arc::clone(&make));
                Suspend::new(async move {
                    let mut come = Vec::with_capacity(answers.len());
                    for answer in answers {
                        come.push(answer.await);
                    }
                    make(&come)
                })
            }}
        </Transition>
    }
    .into_any()
}
