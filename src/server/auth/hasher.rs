//! argon2id at OWASP's parameters, on threads of its own, bounded to the cores.
//!
//! The threads run at a lower priority: a storm of logins takes the time that nothing else wants. What does not fit
//! into the short queue is refused at once ([`ServiceError::Busy`]) rather than made to wait.

use crate::server::error::ServiceError;
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, PasswordHash, Salt},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
};
use subtle::ConstantTimeEq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// KiB of memory a hash fills, passes over it, lanes.
const COST: (u32, u32, u32) = (19_456, 2, 1);

/// Bytes of a hash.
const OUTPUT: usize = 32;

/// More than glibc ever keeps for itself once freed (32 MiB): so the memory of a hash goes back to the system.
/// Pages beyond [`COST`] are reserved, never touched.
const RESERVED_BLOCKS: usize = 33 * 1024;

/// Checked where there is no account, at the cost of a real one; no password gives it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2lnbmFsYm94bm9ib2R5IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and checks passwords, so many at once, so many waiting.
pub struct Hasher {
    jobs: mpsc::Sender<Job>,
    places: Arc<Semaphore>,
    computed: Arc<AtomicU64>,
}

/// A place among the hashes that are computed or wait; given back once its work is done, or when it is dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

/// What checking a password told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not the one.
    Wrong,
    /// It is.
    Right,
    /// It is, and its hash was made with other parameters: hash it anew.
    RightButDated,
}

/// A hash that cannot be computed or read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a password hash: {0}")]
struct HashFault(&'static str);

/// One piece of work and who waits for it; its place is given back once it is done or no longer wanted.
struct Job {
    work: Work,
    _place: Place,
}

enum Work {
    Hash { password: String, reply: oneshot::Sender<Result<String, HashFault>> },
    Check { password: String, hash: String, reply: oneshot::Sender<Result<Verdict, HashFault>> },
}

impl Hasher {
    /// `threads` at once (0: as many as cores), `queue` more may wait.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn new(threads: usize, queue: usize) -> std::io::Result<Self> {
        let threads = match threads {
            0 => thread::available_parallelism().map_or(1, std::num::NonZero::get),
            given => given,
        };
        let (jobs, waiting) = mpsc::channel();
        let (waiting, computed) = (Arc::new(Mutex::new(waiting)), Arc::new(AtomicU64::new(0)));
        for number in 0..threads {
            let (waiting, computed) = (Arc::clone(&waiting), Arc::clone(&computed));
            thread::Builder::new().name(format!("hasher-{number}")).spawn(move || work_off(&waiting, &computed))?;
        }
        Ok(Self { jobs, places: Arc::new(Semaphore::new(threads + queue)), computed })
    }

    /// A place for [`Self::check`]. Taken before anything else is asked, so that what is turned away costs nothing.
    ///
    /// # Errors
    /// `Busy` when the queue is full.
    pub fn reserve(&self) -> Result<Place, ServiceError> {
        let permit = Arc::clone(&self.places).try_acquire_owned();
        permit.map(|permit| Place { _permit: permit }).map_err(|_| ServiceError::Busy("password hashing"))
    }

    /// The hash of a chosen password, to be stored.
    ///
    /// # Errors
    /// `Busy` when the queue is full.
    pub async fn hash(&self, password: &str) -> Result<String, ServiceError> {
        let (reply, answer) = oneshot::channel();
        self.submit(self.reserve()?, Work::Hash { password: password.to_owned(), reply })?;
        answered(answer).await
    }

    /// Checks `password` against a stored hash; without one it is wrong, after the same work.
    ///
    /// # Errors
    /// When the stored hash cannot be read.
    pub async fn check(&self, place: Place, password: &str, hash: Option<&str>) -> Result<Verdict, ServiceError> {
        let (reply, answer) = oneshot::channel();
        let known = hash.is_some();
        let hash = hash.unwrap_or(NOBODY).to_owned();
        self.submit(place, Work::Check { password: password.to_owned(), hash, reply })?;
        let verdict = answered(answer).await?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    /// How many hashes were computed since the start.
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    fn submit(&self, place: Place, work: Work) -> Result<(), ServiceError> {
        self.jobs.send(Job { work, _place: place }).map_err(|_| ServiceError::Busy("password hashing"))
    }
}

async fn answered<T>(answer: oneshot::Receiver<Result<T, HashFault>>) -> Result<T, ServiceError> {
    let answer = answer.await.map_err(|gone| ServiceError::internal("hashing a password", gone))?;
    answer.map_err(|fault| ServiceError::internal("hashing a password", fault))
}

/// One thread's life: until the hasher is dropped.
fn work_off(waiting: &Mutex<mpsc::Receiver<Job>>, computed: &AtomicU64) {
    // Of this thread alone, as Linux counts it. Without it logins would only be less polite.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(10);
    let next = |wait: bool| {
        let waiting = waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if wait { waiting.recv().ok() } else { waiting.try_recv().ok() }
    };
    while let Some(first) = next(true) {
        // Kept while there is more to do, then given back.
        let mut memory = Vec::with_capacity(RESERVED_BLOCKS);
        let mut job = Some(first);
        while let Some(Job { work, _place }) = job {
            do_work(work, &mut memory, computed);
            job = next(false);
        }
    }
}

/// Does it if it is still wanted; counted before whoever waits is told.
fn do_work(work: Work, memory: &mut Vec<Block>, computed: &AtomicU64) {
    match work {
        Work::Hash { password, reply } if !reply.is_closed() => {
            let hash = hash(&password, memory);
            computed.fetch_add(1, Ordering::Relaxed);
            drop(reply.send(hash));
        }
        Work::Check { password, hash, reply } if !reply.is_closed() => {
            let verdict = check(&password, &hash, memory);
            computed.fetch_add(1, Ordering::Relaxed);
            let _ = reply.send(verdict);
        }
        Work::Hash { .. } | Work::Check { .. } => {}
    }
}

fn params() -> Result<Params, HashFault> {
    Params::new(COST.0, COST.1, COST.2, Some(OUTPUT)).map_err(|_| HashFault("the parameters are not allowed"))
}

fn hash(password: &str, memory: &mut Vec<Block>) -> Result<String, HashFault> {
    let params = params()?;
    let salt: [u8; 16] = rand::random();
    let output = compute(password, &salt, &params, OUTPUT, memory)?;
    let unwritable = |_| HashFault("it cannot be written");
    let written = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: (&params).try_into().map_err(|_| HashFault("its parameters cannot be written"))?,
        salt: Some(Salt::new(&salt).map_err(unwritable)?),
        hash: Some(Output::new(&output).map_err(unwritable)?),
    };
    Ok(written.to_string())
}

fn check(password: &str, stored: &str, memory: &mut Vec<Block>) -> Result<Verdict, HashFault> {
    let stored = PasswordHash::new(stored).map_err(|_| HashFault("the stored one cannot be read"))?;
    if stored.algorithm != Algorithm::Argon2id.ident() {
        return Err(HashFault("the stored one is of another kind"));
    }
    let params = Params::try_from(&stored).map_err(|_| HashFault("the stored one's parameters cannot be read"))?;
    let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
        return Err(HashFault("the stored one is not whole"));
    };
    let output = compute(password, salt.as_ref(), &params, expected.len(), memory)?;
    let same: bool = output.ct_eq(expected.as_bytes()).into();
    let dated = (params.m_cost(), params.t_cost(), params.p_cost()) != COST || expected.len() != OUTPUT;
    Ok(match (same, dated) {
        (false, _) => Verdict::Wrong,
        (true, false) => Verdict::Right,
        (true, true) => Verdict::RightButDated,
    })
}

fn compute(
    password: &str,
    salt: &[u8],
    params: &Params,
    length: usize,
    memory: &mut Vec<Block>,
) -> Result<Vec<u8>, HashFault> {
    memory.resize(params.block_count(), Block::default());
    let mut output = vec![0; length];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, memory.as_mut_slice())
        .map_err(|_| HashFault("it cannot be computed"))?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(hasher: &Hasher, tried: &str, stored: Option<&str>) -> Result<Verdict, ServiceError> {
        hasher.check(hasher.reserve()?, tried, stored).await
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let hasher = Hasher::new(1, 4).unwrap();
        let hash = hasher.hash("a calm instrument").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(check(&hasher, "a calm instrument", Some(&hash)).await.unwrap(), Verdict::Right);
        assert_eq!(check(&hasher, "a calm instrumenT", Some(&hash)).await.unwrap(), Verdict::Wrong);
        assert_ne!(hasher.hash("a calm instrument").await.unwrap(), hash, "the salt is random");
    }

    #[tokio::test]
    async fn nobody_costs_as_much_as_somebody() {
        let hasher = Hasher::new(1, 4).unwrap();
        assert_eq!(check(&hasher, "a calm instrument", None).await.unwrap(), Verdict::Wrong);
        assert_eq!(hasher.computed(), 1);
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&nobody).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), COST);
    }

    #[tokio::test]
    async fn hashes_of_other_parameters_are_dated() {
        // Made by the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -k 256 -p 1 -l 32`.
        let dated = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        let hasher = Hasher::new(1, 4).unwrap();
        assert_eq!(check(&hasher, "password", Some(dated)).await.unwrap(), Verdict::RightButDated);
        assert!(check(&hasher, "password", Some("plain")).await.is_err());
    }

    #[test]
    fn a_place_is_given_back_unused() {
        let hasher = Hasher::new(1, 0).unwrap();
        let place = hasher.reserve().unwrap();
        assert!(matches!(hasher.reserve(), Err(ServiceError::Busy(_))));
        drop(place);
        assert!(hasher.reserve().is_ok());
    }

    #[tokio::test]
    async fn what_does_not_fit_the_queue_is_refused() {
        let hasher = Hasher::new(1, 1).unwrap();
        let all = futures::future::join_all((0..8).map(|_| hasher.hash("a calm instrument"))).await;
        assert_eq!(all.iter().filter(|hash| hash.is_ok()).count(), 2);
        assert!(all.iter().flat_map(|hash| hash.as_ref().err()).all(|error| matches!(error, ServiceError::Busy(_))));
        assert!(hasher.hash("a calm instrument").await.is_ok(), "places are given back");
    }
}
