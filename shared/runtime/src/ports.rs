//! The open ports as they are, for what is no function and declares no needs: the local cloud. A handler uses its
//! context instead, which holds it to what it declared.

use std::sync::Arc;

use bharatmart_core::ports::{Blobs, Queueing, Search, Store};

use crate::app::App;

pub struct Ports<'a> {
    pub store: Option<&'a Arc<dyn Store>>,
    pub queue: Option<&'a Arc<dyn Queueing>>,
    pub blobs: Option<&'a Arc<dyn Blobs>>,
    pub search: Option<&'a Arc<dyn Search>>,
}

impl App {
    pub fn ports(&self) -> Ports<'_> {
        Ports {
            store: self.store.as_ref(),
            queue: self.queue.as_ref(),
            blobs: self.blobs.as_ref(),
            search: self.search.as_ref(),
        }
    }
}
