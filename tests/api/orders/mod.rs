//! Orders and payments over HTTP, a file a subject. Who buys is in `buying`.

pub mod buying;
mod cancel;
mod cod;
mod expiry;
mod figures;
mod moves;
mod news;
mod pay;
mod place;
mod races;
mod refunds;
mod webhooks;
