//! What a page shows of a server function's answer, where the client shows it anew. All answers have one type until they
//! are read, so that the client carries the machinery around them once.

use super::{error::Problem, submission::Submission};
use leptos::{prelude::*, server::codee::string::FromToStringCodec, server_fn::ServerFn};
use serde::Serialize;
use std::{any::Any, convert::Infallible, fmt, marker::PhantomData, str::FromStr, sync::Arc};

/// What the server can tell a page: it writes it, and the client reads it.
pub trait Told: Serialize + miniserde::Deserialize + Clone + Send + Sync + 'static {}

impl<T: Serialize + miniserde::Deserialize + Clone + Send + Sync + 'static> Told for T {}

/// What a server function answered: a value as JSON, not read yet, or what it failed with.
#[derive(Clone, Debug)]
pub struct Answer {
    told: Result<Arc<str>, Problem>,
    /// The value itself, where it was made: the server need not read what it wrote.
    made: Option<Arc<dyn Any + Send + Sync>>,
}

/// What the server function `S` answers with, a `T`: asked with the page, and again when its question changes.
pub struct Source<T> {
    /// The answer as it came.
    pub answer: Resource<Answer, FromToStringCodec>,
    read: PhantomData<fn() -> T>,
}

impl<T> Clone for Source<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Source<T> {}

impl<T: Told> Source<T> {
    /// Asks `question`.
    pub fn ask<S>(question: impl Fn() -> S + Clone + Send + Sync + 'static) -> Self
    where
        S: Serialize + ServerFn<Output = T, Error = Problem> + 'static,
    {
        Self::begin(question, None)
    }

    /// Asks `question`, and again whenever `sent` was answered.
    pub fn ask_after<S>(sent: Submission, question: impl Fn() -> S + Clone + Send + Sync + 'static) -> Self
    where
        S: Serialize + ServerFn<Output = T, Error = Problem> + 'static,
    {
        Self::begin(question, Some(sent))
    }

    fn begin<S>(question: impl Fn() -> S + Clone + Send + Sync + 'static, after: Option<Submission>) -> Self
    where
        S: Serialize + ServerFn<Output = T, Error = Problem> + 'static,
    {
        let answers = after.map(Submission::answers);
        #[cfg(feature = "hydrate")]
        let answer = {
            use leptos::server_fn::Protocol;
            let arguments = move || serde_qs::to_string(&question()).unwrap_or_default();
            let method = <S::Protocol as Protocol<
                S,
                S::Output,
                S::Client,
                S::Server,
                S::Error,
                S::InputStreamError,
                S::OutputStreamError,
            >>::METHOD;
            asking(method, S::url(), Box::new(arguments), answers)
        };
        #[cfg(not(feature = "hydrate"))]
        let answer = Resource::new_str(
            move || count(answers),
            move |_| {
                let asked = question();
                async move { Answer::of(asked.run_body().await) }
            },
        );
        Self { answer, read: PhantomData }
    }

    /// Asks once more.
    pub fn refetch(self) {
        self.answer.refetch();
    }

    /// The answer, once it is there.
    pub fn get(self) -> Option<Result<T, Problem>> {
        self.answer.get().map(|answer| answer.read())
    }
}

fn count(answers: Option<Signal<usize>>) -> usize {
    answers.map_or(0, |answers| answers.get())
}

/// One for every question: what a resource is made of would otherwise be in the client once for each.
#[cfg(feature = "hydrate")]
fn asking(
    method: http::Method,
    url: &'static str,
    arguments: Box<dyn Fn() -> String + Send + Sync>,
    answers: Option<Signal<usize>>,
) -> Resource<Answer, FromToStringCodec> {
    Resource::new_str(
        move || (arguments(), count(answers)),
        move |(arguments, _)| fetch(method.clone(), url, arguments),
    )
}

#[cfg(feature = "hydrate")]
async fn fetch(method: http::Method, url: &'static str, arguments: String) -> Answer {
    use leptos::server_fn::{
        ContentType,
        codec::{Json, PostUrl},
        request::ClientReq,
    };
    let (kind, accepted) = (PostUrl::CONTENT_TYPE, Json::CONTENT_TYPE);
    let request = if method == http::Method::GET {
        ClientReq::<Problem>::try_new_get(url, kind, accepted, &arguments)
    } else {
        ClientReq::<Problem>::try_new_post(url, kind, accepted, arguments)
    };
    Answer { told: crate::client::call::call(request).await.map(Arc::from), made: None }
}

impl Answer {
    #[cfg(not(feature = "hydrate"))]
    fn of<T: Told>(answer: Result<T, Problem>) -> Self {
        // Values of ours all have a JSON form.
        let json = |value| serde_json::to_string(value).map(Arc::from).map_err(|_| Problem::internal());
        let told = answer.as_ref().map_err(Problem::clone).and_then(json);
        Self { told, made: answer.ok().map(|value| Arc::new(value) as Arc<dyn Any + Send + Sync>) }
    }

    /// The value.
    ///
    /// # Errors
    /// What the server function failed with; or that it is no `T`: the page and the server are of two versions.
    pub fn read<T: Told>(&self) -> Result<T, Problem> {
        if let Some(made) = self.made.as_ref().and_then(|made| made.downcast_ref::<T>()) {
            return Ok(made.clone());
        }
        self.told
            .as_ref()
            .map_err(Problem::clone)
            .and_then(|json| miniserde::json::from_str(json).map_err(|_| Problem::internal()))
    }
}

/// Begins the text of a problem; no JSON begins so.
const FAILED: char = '!';

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.told {
            Ok(json) => f.write_str(json),
            Err(problem) => write!(f, "{FAILED}{}", problem.to_json()),
        }
    }
}

impl FromStr for Answer {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let told = text.strip_prefix(FAILED).map_or_else(|| Ok(text.into()), |json| Err(Problem::from_json(json)));
        Ok(Self { told, made: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        account::Person,
        billing::{BillingStatus, TransactionView},
        field::FieldError,
        id::{NoticeId, TransactionId},
        money::Money,
        notice::{NoticeKind, NoticeView},
        plan::Plan,
        quota::QuotaState,
        signal::Standing,
        subscription::SubscriptionState,
        time::Timestamp,
    };
    use uuid::Uuid;

    /// Through the page's text and back.
    fn told<T: Told>(answer: Result<T, Problem>) -> Result<T, Problem> {
        let Ok(read) = Answer::of(answer).to_string().parse::<Answer>();
        read.read()
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    #[test]
    fn a_problem_reads_as_it_was_written() {
        let bare = Problem::new(404, "not_found", "Not found");
        assert_eq!(told::<String>(Err(bare.clone())), Err(bare.clone()));
        let full = Problem {
            request_id: Some("r".to_owned()),
            fields: vec![FieldError::new("email", "Enter “it”.\n")],
            limit: Some(3),
            used: Some(3),
            resets_at: Some(at(1)),
            portal_url: Some("https://example.com/?a=1&b=2".to_owned()),
            ..bare.detail("Why.")
        };
        assert_eq!(told::<String>(Err(full.clone())), Err(full));
        assert_eq!(Problem::from_json("<html>"), Problem::internal());
    }

    #[test]
    fn values_read_as_they_were_written() {
        assert_eq!(told(Ok("!not a problem".to_owned())), Ok("!not a problem".to_owned()));
        assert_eq!(told(Ok(None::<Person>)), Ok(None));
        let person = Person {
            email: "a@example.com".to_owned(),
            full_name: "अदा \"\\".to_owned(),
            is_paid: true,
            email_verified: false,
            created_at: at(1_717_200_000),
            is_operator: false,
        };
        assert_eq!(told(Ok(Some(person.clone()))), Ok(Some(person)));
        for plan in [Plan::Free, Plan::Pro, Plan::ProYearly, Plan::Team] {
            assert_eq!(told(Ok(plan)), Ok(plan));
        }
        for kind in NoticeKind::ALL {
            let notice = NoticeView { id: NoticeId(Uuid::max()), kind, message: String::new(), created_at: at(0) };
            assert_eq!(told(Ok(notice.clone())), Ok(notice));
        }
        use SubscriptionState::*;
        for state in [Trialing, Active, PastDue, Canceled, Incomplete, Paused] {
            let status = BillingStatus {
                is_paid: false,
                plan: Plan::Free,
                status: Some(state),
                current_period_end: None,
                cancel_at_period_end: false,
            };
            assert_eq!(told(Ok(status.clone())), Ok(status));
        }
        let transaction = TransactionView {
            id: TransactionId(Uuid::nil()),
            created_at: at(-1),
            amount: Money::inr(49_900),
            status: "failed".to_owned(),
            description: "Pro".to_owned(),
            invoice: None,
            invoice_url: Some("https://example.com".to_owned()),
        };
        assert_eq!(told(Ok(vec![transaction.clone()])), Ok(vec![transaction]));
        let paid = Standing {
            as_of: at(8),
            is_paid: true,
            quota: None,
            brought: None,
            ends_at: Some(at(9)),
            payment_failed: true,
            newest: i64::MAX,
            version: "7.7.19875".to_owned(),
        };
        let quota = Some(QuotaState { limit: 3, used: 1, resets_at: at(9) });
        let free = Standing { is_paid: false, quota, brought: Some(0), ends_at: None, ..paid.clone() };
        for standing in [paid, free] {
            assert_eq!(told(Ok(standing.clone())), Ok(standing));
        }
    }
}
