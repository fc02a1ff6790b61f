//! What came back: remittances classified by the denial dictionary, paired with the claims we sent, counted by week
//! of payment.

mod classify;
mod denials;
mod dictionary;
mod pairing;
mod view;

pub use classify::{AdjustmentClass, ClaimClass, Classified, classify};
pub use denials::{DIMENSIONS, Denials, Dimension, UnknownDimension, denials};
pub use dictionary::{Denial, Dictionary, Meaning};
pub use pairing::{Pairing, SentClaim};
pub use view::{
    AdjustmentRow, HistoryView, PaymentRow, adjustments, left, now, payments, unanswered, verdicts,
};
