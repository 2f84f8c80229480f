//! How the client reads what the server tells its pages: with `miniserde`, whose code for a type is a fraction of
//! `serde`'s. What is written as text and is no plain string is read here.

/// Lets a type that is written as text be read from it.
macro_rules! read_as_text {
    ($type:ty, $parse:expr) => {
        const _: () = {
            miniserde::make_place!(Place);

            impl miniserde::de::Visitor for Place<$type> {
                fn string(&mut self, text: &str) -> miniserde::Result<()> {
                    self.out = Some($parse(text).map_err(|_| miniserde::Error)?);
                    Ok(())
                }
            }

            impl miniserde::Deserialize for $type {
                fn begin(out: &mut Option<Self>) -> &mut dyn miniserde::de::Visitor {
                    Place::new(out)
                }
            }
        };
    };
}

pub(super) use read_as_text;
