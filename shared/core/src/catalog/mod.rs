//! What the shop sells: products with their variants, in categories.

mod banner;
pub mod banners;
pub mod categories;
mod category;
mod category_event;
mod change;
mod change_input;
#[cfg(test)]
mod change_tests;
mod create;
mod index;
mod input;
mod product;
mod product_event;
pub mod removal;
mod told;
mod tree;
mod view;
mod wish;

pub use banner::{BANNER, Banner};
pub use category::{Category, CategoryKey, new_category};
pub use category_event::CategoryTold;
pub use change::{ChangeRefused, ProductChanged, change, delete};
pub use change_input::{MAX_VARIANTS, ProductChange, ProductChangeInput, VariantChangeInput};
pub use create::{CreateRefused, Created, add, create};
pub use index::search_doc;
pub use input::{MAX_NEW_VARIANTS, NewProduct, NewVariant, ProductInput, VariantInput};
pub use product::{GstRate, Hsn, Image, Product, ProductRef, QuantityRule, Rating, Status, StockedProduct, Variant};
pub use product_event::ProductTold;
pub use tree::{MAX_LEVELS, Tree};
pub use view::{
    CategoryPage, CategoryRef, CategoryView, ListedProduct, ListedVariant, ProductView, RatingView, ShownProduct,
    VariantView,
};
pub use wish::{MAX_WISHES, WISH, WISHLIST, Wish, Wishlist};
