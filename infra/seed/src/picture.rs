//! Draws a product: a pictogram in the colours of its category before a backdrop. The same product gives the same
//! picture. The shapes are in `art/pictograms.svg`.

use bharatmart_core::Slug;

const PICTOGRAMS: &str = include_str!("../art/pictograms.svg");

struct Palette {
    paper: &'static str,
    main: &'static str,
    dark: &'static str,
    light: &'static str,
    accent: &'static str,
}

/// `None` when there is no such category or pictogram.
pub(crate) fn draw(category: &str, pictogram: &str, slug: &Slug, name: &str) -> Option<String> {
    let lot = lot(slug.as_str());
    let palettes = palettes(category)?;
    let palette = &palettes[lot as usize % palettes.len()];
    let title = escaped(name);
    let label = format!(
        r#"<text x="200" y="274" font-family="Georgia,serif" font-weight="700" font-size="80" text-anchor="middle" fill="$d">{}</text>"#,
        initials(name)
    );
    let body = shapes(pictogram)?.replace("$i", &label);
    let backdrop = backdrop(lot / 7);
    let drawing = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="800" height="800" viewBox="0 0 800 800" role="img" aria-labelledby="t"><title id="t">{title}</title><rect width="800" height="800" fill="$l"/>{backdrop}<ellipse cx="400" cy="648" rx="220" ry="26" fill="$d" fill-opacity=".18"/><g transform="translate(160 170) scale(1.2)">{body}</g></svg>"#
    );
    Some(coloured(drawing, palette))
}

/// For a banner, three times as wide as high: its words are set over the left of it.
pub(crate) fn draw_wide(category: &str, pictogram: &str, name: &str, title: &str) -> Option<String> {
    let lot = lot(name);
    let palettes = palettes(category)?;
    let palette = &palettes[lot as usize % palettes.len()];
    let (title, body, backdrop) = (escaped(title), shapes(pictogram)?.replace("$i", ""), backdrop(lot / 7));
    let drawing = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="1800" height="600" viewBox="0 0 1800 600" role="img" aria-labelledby="t"><title id="t">{title}</title><rect width="1800" height="600" fill="$l"/><g transform="translate(1120 -100)">{backdrop}<ellipse cx="400" cy="648" rx="220" ry="26" fill="$d" fill-opacity=".18"/><g transform="translate(160 170) scale(1.2)">{body}</g></g></svg>"#
    );
    Some(coloured(drawing, palette))
}

fn coloured(drawing: String, palette: &Palette) -> String {
    let colours = [
        ("$p", palette.paper),
        ("$m", palette.main),
        ("$d", palette.dark),
        ("$l", palette.light),
        ("$a", palette.accent),
    ];
    colours.iter().fold(drawing, |drawing, (key, colour)| drawing.replace(key, colour))
}

fn shapes(pictogram: &str) -> Option<&'static str> {
    let opening = format!("<symbol id=\"{pictogram}\">");
    let from = PICTOGRAMS.find(&opening)? + opening.len();
    PICTOGRAMS[from..].split("</symbol>").next()
}

fn backdrop(lot: u32) -> &'static str {
    const DISC: &str = r#"<circle cx="400" cy="400" r="330" fill="$p"/>"#;
    const ARCH: &str = r#"<path d="M120 680V380Q120 180 400 80q280 100 280 300v300z" fill="$p"/>"#;
    const RAYS: &str = r#"<circle cx="400" cy="400" r="285" fill="$p"/><circle cx="400" cy="400" r="335" fill="none" stroke="$p" stroke-width="60" stroke-opacity=".8" stroke-dasharray="26 39"/>"#;
    const LOTUS: &str = r#"<g fill="$p" fill-opacity=".8"><circle cx="400" cy="250" r="190"/><circle cx="550" cy="400" r="190"/><circle cx="400" cy="550" r="190"/><circle cx="250" cy="400" r="190"/></g>"#;
    [DISC, ARCH, RAYS, LOTUS][lot as usize % 4]
}

/// Of the first two words that begin with a letter or digit.
fn initials(name: &str) -> String {
    let firsts = name.split_whitespace().filter_map(|word| word.chars().next());
    firsts.filter(char::is_ascii_alphanumeric).take(2).map(|c| c.to_ascii_uppercase()).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('$', "&#36;")
}

/// FNV-1a: what a product draws from its name.
fn lot(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn palettes(category: &str) -> Option<&'static [Palette; 3]> {
    const fn of(
        paper: &'static str,
        main: &'static str,
        dark: &'static str,
        light: &'static str,
        accent: &'static str,
    ) -> Palette {
        Palette { paper, main, dark, light, accent }
    }
    static GROCERIES: [Palette; 3] = [
        of("#fdf3dc", "#d9822b", "#7a3e12", "#f6d9a0", "#4f8a3c"),
        of("#f1f6e2", "#6a994e", "#2f5230", "#cfe3a8", "#e0a526"),
        of("#fdebe0", "#c8553d", "#6b2418", "#f5c9a8", "#e9b44c"),
    ];
    static KITCHEN: [Palette; 3] = [
        of("#e8f1f2", "#5b8e98", "#1f4650", "#bcd8dc", "#e07a3f"),
        of("#f7efe6", "#b5733c", "#5c3317", "#ecd3b4", "#3f7d78"),
        of("#eef0f4", "#7c8797", "#353f4d", "#d0d7e0", "#d9523f"),
    ];
    static FASHION: [Palette; 3] = [
        of("#f6e9f0", "#a8326e", "#571438", "#ecc3d8", "#e3a72f"),
        of("#e9eaf7", "#3d4fa1", "#1c2558", "#c3c9ec", "#e2725b"),
        of("#fbefe3", "#c2502e", "#6a2413", "#f4cfae", "#1f7a74"),
    ];
    static BEAUTY: [Palette; 3] = [
        of("#fdecef", "#d96c8a", "#7d2f49", "#f8c9d4", "#c9a227"),
        of("#eaf5ee", "#5fa67f", "#235040", "#c2e2cf", "#e58e73"),
        of("#f3ecf8", "#8b6bb1", "#45305f", "#d9c8ea", "#e0a64e"),
    ];
    static ELECTRONICS: [Palette; 3] = [
        of("#e5edf8", "#3f72b5", "#1b2f4f", "#b9cfeb", "#f2a33a"),
        of("#e6f4f3", "#2a9087", "#123f43", "#b3deda", "#f26d5b"),
        of("#ececf3", "#5c5f8a", "#26283f", "#c9cae0", "#48b89f"),
    ];
    static BOOKS: [Palette; 3] = [
        of("#f8f1e1", "#8c4b2f", "#472012", "#e9d3ad", "#2f6f73"),
        of("#e8f0ea", "#3e6b4f", "#1c3628", "#c1d8c6", "#d98b2b"),
        of("#ecebf5", "#4b4a8c", "#232252", "#cac9e6", "#d6604d"),
    ];
    static HOME: [Palette; 3] = [
        of("#faefe6", "#c4714a", "#66321b", "#f0cfb6", "#4d7c8a"),
        of("#edf3ec", "#718f5a", "#33472a", "#cfdfc0", "#d9a441"),
        of("#eeeaf2", "#7d6691", "#3a2d47", "#d7cbe2", "#e08d5b"),
    ];
    static TOYS: [Palette; 3] = [
        of("#fff4d6", "#e4572e", "#7c2410", "#ffd98a", "#17a398"),
        of("#e3f4fb", "#2b8fc4", "#12425e", "#b0dff3", "#f5b82e"),
        of("#eaf7e4", "#4caf50", "#1c5421", "#c2e8bd", "#ef5d84"),
    ];
    Some(match category {
        "groceries" => &GROCERIES,
        "kitchen" => &KITCHEN,
        "fashion" => &FASHION,
        "beauty" => &BEAUTY,
        "electronics" => &ELECTRONICS,
        "books" => &BOOKS,
        "home" => &HOME,
        "toys" => &TOYS,
        _ => return None,
    })
}
