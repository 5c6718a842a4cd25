//! Where the shop's messages arrive.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bharatmart_core::ports::{Channel, Fault, Letter, Messages};

#[derive(Default)]
pub struct Inbox(Mutex<Vec<Letter>>);

impl Inbox {
    /// In the order they came.
    pub fn of(&self, to: &str) -> Vec<Letter> {
        let letters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        letters.iter().filter(|letter| letter.to == to).cloned().collect()
    }
}

#[async_trait]
impl Messages for Inbox {
    async fn send(&self, message: &Letter) -> Result<(), Fault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
        Ok(())
    }

    fn sends(&self, _: Channel) -> bool {
        true
    }
}
