//! What a page shows of a server function's answer. All answers have one type until they are read, so that the client
//! carries the machinery around them once.

use super::{error::Problem, submission::Submission};
use leptos::{
    prelude::*,
    server_fn::{ServerFn, error::ServerFnErrorErr},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::{marker::PhantomData, sync::Arc};

/// An answer that is a `T` as JSON, or what the server function failed with.
pub type Answer = Result<Payload, Problem>;

/// A value as JSON, not read yet.
#[derive(Clone, Debug)]
pub struct Payload(Arc<RawValue>);

/// What the server function `S` answers with, a `T`: asked with the page, and again when its question changes.
pub struct Source<T> {
    /// The answer as it came.
    pub answer: Resource<Answer>,
    read: PhantomData<fn() -> T>,
}

impl<T> Clone for Source<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Source<T> {}

impl<T: Serialize + DeserializeOwned + 'static> Source<T> {
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
            let asked = move || (serde_qs::to_string(&question()).unwrap_or_default(), count(answers));
            let method = <S::Protocol as Protocol<
                S,
                S::Output,
                S::Client,
                S::Server,
                S::Error,
                S::InputStreamError,
                S::OutputStreamError,
            >>::METHOD;
            Resource::new(asked, move |(arguments, _)| fetch(method.clone(), S::url(), arguments))
        };
        #[cfg(not(feature = "hydrate"))]
        let answer = Resource::new(
            move || count(answers),
            move |_| {
                let asked = question();
                async move { Payload::of(&asked.run_body().await?) }
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
        self.answer.get().map(|answer| answer.and_then(|payload| payload.read()))
    }
}

fn count(answers: Option<Signal<usize>>) -> usize {
    answers.map_or(0, |answers| answers.get())
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
    let text = crate::client::call::call(request).await?;
    RawValue::from_string(text).map(|json| Payload(json.into())).map_err(unreadable)
}

impl Payload {
    #[cfg(not(feature = "hydrate"))]
    fn of<T: Serialize>(value: &T) -> Answer {
        serde_json::value::to_raw_value(value).map(|json| Self(json.into())).map_err(unreadable)
    }

    /// The value.
    ///
    /// # Errors
    /// When it is no `T`: the page and the server are of two versions.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_str(self.0.get()).map_err(unreadable)
    }
}

fn unreadable(error: serde_json::Error) -> Problem {
    FromServerFnError::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string()))
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|json| Self(json.into()))
    }
}
