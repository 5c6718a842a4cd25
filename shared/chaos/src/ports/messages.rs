//! Messages to customers, which may also get lost on their way.

use std::sync::Arc;

use async_trait::async_trait;
use bharatmart_core::ports::{Channel, Fault, Letter, Messages};

use crate::act::Act;
use crate::decorator::{Chaos, Faulty, faulty, through};
use crate::operation::{OF_LETTERS, Operation};

impl Chaos {
    pub fn messages(&self, messages: Arc<dyn Messages>) -> Arc<dyn Messages> {
        Arc::new(self.faulty(messages))
    }
}

const SEND: Operation = Operation::writes("messages", "Messages", "send").having(OF_LETTERS);

faulty! {
    MESSAGES = "messages": Messages for dyn Messages;
    [SEND] by hand:

    async fn send(&self, message: &Letter) -> Result<(), Fault> {
        let mut underway = self.chaos.begin(&SEND).await?;
        if underway.act == Act::Lose {
            return Ok(());
        }
        through!(underway, self.inner.send(message))
    }

    /// How the shop is set up, which nobody is asked for.
    fn sends(&self, channel: Channel) -> bool {
        self.inner.sends(channel)
    }
}
