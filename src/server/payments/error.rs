//! Why a call of Stripe's API failed.

use crate::server::error::ServiceError;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum PaymentsError {
    /// Stripe was not reached, did not answer in time, or is in trouble itself. It may be tried again; whether
    /// something was changed is not known.
    #[error("Stripe is unavailable: {0}")]
    Unavailable(String),
    /// Stripe says no. Trying the same again is of no use.
    #[error("Stripe refused ({status} {code}): {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Stripe's code for it, else its type.
        code: String,
        /// The parameter it is about; empty when it names none.
        param: String,
        /// Stripe's words.
        message: String,
    },
    /// The answer is not of the shape we know.
    #[error("Stripe's answer is not as expected: {0}")]
    Unreadable(String),
}

impl PaymentsError {
    /// Whether the thing that was asked for does not exist at Stripe.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { status, code, .. } if *status == 404 || code == "resource_missing")
    }

    /// Whether the customer that was named does not exist at Stripe.
    pub fn is_missing_customer(&self) -> bool {
        matches!(self, Self::Refused { param, .. } if param == "customer") && self.is_missing()
    }

    /// Whether the price that was named is not sold at Stripe: not there, or there no longer.
    pub fn is_price_gone(&self) -> bool {
        matches!(self, Self::Refused { status: 400 | 404, param, .. } if param.ends_with("[price]"))
    }
}

impl From<PaymentsError> for ServiceError {
    fn from(error: PaymentsError) -> Self {
        match error {
            PaymentsError::Unavailable(_) => Self::unavailable("stripe", error),
            // 401 and 403: the key is no good, or not good for this.
            PaymentsError::Refused { status, .. } => {
                Self::Refused { dependency: "stripe", anything: matches!(status, 401 | 403), source: error.into() }
            }
            PaymentsError::Unreadable(_) => Self::internal("a call of Stripe", error),
        }
    }
}
