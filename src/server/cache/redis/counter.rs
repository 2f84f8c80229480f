//! Limits counted in Redis. A question costs the driver and Redis more than what is asked: those that arrive together
//! are asked together.

use super::link::Link;
use crate::server::{
    cache::{Admission, CacheError, RateLimit},
    error::RateLimited,
    gather::Gather,
};
use fred::types::scripts::Script;
use std::{sync::Arc, time::Duration};
use tokio::sync::oneshot;

/// Questions that may wait for one call; further ones are counted in this process. All that wait go with the next call, so
/// that nobody waits for more than two of them; Redis does nothing else meanwhile, a millisecond or two at most.
const WAITING: usize = 500;

/// What is asked of Redis about limits.
pub(super) struct Counter {
    link: Arc<Link>,
    script: Script,
    waiting: Gather<Question>,
}

/// Whether a request may go on, and whether a value is kept under a mark.
type Answer = (Admission, bool);

struct Question {
    limit: RateLimit,
    key: String,
    mark: Option<String>,
    answer: oneshot::Sender<Result<Answer, CacheError>>,
}

impl Counter {
    pub fn new(link: Arc<Link>) -> Self {
        Self { link, script: Script::from_lua(include_str!("admit.lua")), waiting: Gather::default() }
    }

    /// Counts one request of `key` against `limit`, and looks whether a value is kept under `mark`.
    ///
    /// # Errors
    /// When Redis does not answer: then it may have been counted.
    pub async fn admit(
        self: &Arc<Self>,
        key: &str,
        limit: RateLimit,
        mark: Option<&str>,
    ) -> Result<Answer, CacheError> {
        let (sender, answer) = oneshot::channel();
        let (key, mark) = (self.link.key(key), mark.map(|mark| self.link.key(mark)));
        let question = Question { limit, key, mark, answer: sender };
        let full = |_| CacheError("too many limits wait to be counted".to_owned());
        if self.waiting.push(question, WAITING).map_err(full)? {
            // A task of its own: a request that goes away must not take the others' questions with it.
            tokio::spawn(Arc::clone(self).ask_all());
        }
        answer.await.unwrap_or_else(|_| Err(CacheError("the counting of limits ended".to_owned())))
    }

    async fn ask_all(self: Arc<Self>) {
        let _turn = self.waiting.turn();
        loop {
            // Requests that can go on now come first, to be asked about in the same call.
            tokio::task::yield_now().await;
            let questions = self.waiting.take(WAITING);
            if questions.is_empty() {
                return;
            }
            match self.ask(&questions).await {
                Ok(answers) => {
                    for (question, answer) in questions.into_iter().zip(answers) {
                        drop(question.answer.send(Ok(answer)));
                    }
                }
                Err(CacheError(text)) => {
                    for question in questions {
                        drop(question.answer.send(Err(CacheError(text.clone()))));
                    }
                }
            }
        }
    }

    async fn ask(&self, questions: &[Question]) -> Result<Vec<Answer>, CacheError> {
        let (mut keys, mut arguments) = (Vec::new(), Vec::with_capacity(questions.len() * 3));
        for Question { limit, key, mark, .. } in questions {
            let step = (limit.window.as_micros() / u128::from(limit.limit.max(1))).max(1);
            let allowed = step * u128::from(limit.burst.max(1));
            keys.push(key.as_str());
            keys.extend(mark.as_deref());
            arguments.extend([step.to_string(), allowed.to_string(), u8::from(mark.is_some()).to_string()]);
        }
        let call = self.script.evalsha_with_reload(&self.link.client, keys, arguments);
        let numbers: Vec<i64> = self.link.ask(call).await?;
        if numbers.len() != questions.len() * 3 {
            return Err(CacheError("an answer about limits is not as expected".to_owned()));
        }
        let answers = questions.iter().zip(numbers.chunks_exact(3));
        Ok(answers.map(|(question, numbers)| read(question.limit, numbers)).collect())
    }
}

/// One question's answer, as `admit.lua` describes it.
fn read(limit: RateLimit, numbers: &[i64]) -> Answer {
    let [admitted, number, marked] = [0, 1, 2].map(|at| numbers.get(at).copied().unwrap_or(0));
    let number = u64::try_from(number).unwrap_or(0);
    let admission = if admitted == 1 {
        Admission::Admitted { remaining: u32::try_from(number).unwrap_or(u32::MAX) }
    } else {
        let retry_after = Duration::from_micros(number);
        Admission::Refused(RateLimited { limit: limit.limit, window: limit.window, retry_after })
    };
    (admission, marked == 1)
}
