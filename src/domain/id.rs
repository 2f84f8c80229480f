//! Identifiers: a type each, so that one cannot stand in for another.

use super::wire::read_as_text;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        read_as_text!($name, str::parse);
    };
}

id!(
    /// A trader or an operator.
    UserId
);
id!(
    /// One sign-in: the family of refresh tokens that descends from it.
    SessionId
);
id!(
    /// A published signal.
    SignalId
);
id!(
    /// A backtest that somebody asked for.
    BacktestId
);
id!(
    /// A payment in our own books.
    TransactionId
);
id!(
    /// Something a person should know.
    NoticeId
);
