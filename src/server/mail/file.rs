//! Mail as files in a folder, for development: a JSON file a mail.

use super::{Mail, MailError, Mailer};
use async_trait::async_trait;
use lettre::message::Mailbox;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Mails that the outbox shows, at most.
const SHOWN: usize = 100;

/// A folder of mails.
pub(super) struct Outbox {
    folder: PathBuf,
    from: Mailbox,
}

/// A mail as it stands in its file.
#[derive(Serialize)]
struct Written<'a> {
    message_id: String,
    #[serde(flatten)]
    mail: &'a Mail,
}

impl Outbox {
    /// Makes the folder when it is missing.
    pub(super) fn open(folder: &Path, from: Mailbox) -> Result<Self, MailError> {
        std::fs::create_dir_all(folder).map_err(|error| MailError::Configuration(Box::new(error)))?;
        Ok(Self { folder: folder.to_owned(), from })
    }
}

#[async_trait]
impl Mailer for Outbox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let written = Written { message_id: mail.message_id(&self.from), mail };
        let text = serde_json::to_vec_pretty(&written).map_err(|error| MailError::Refused(Box::new(error)))?;
        // Ids are in the order of time, and a mail that comes again is the same file; a reader never sees half of it.
        let name = mail.id;
        let (draft, file) = (self.folder.join(format!(".{name}")), self.folder.join(format!("{name}.json")));
        let written = async {
            tokio::fs::write(&draft, text).await?;
            tokio::fs::rename(&draft, &file).await
        };
        written.await.map_err(|error| MailError::Later(Box::new(error)))
    }
}

/// The newest mails in a folder, the newest first.
///
/// # Errors
/// When the folder cannot be read.
pub async fn outbox(folder: &Path) -> std::io::Result<Vec<Mail>> {
    let mut files = Vec::new();
    let mut entries = tokio::fs::read_dir(folder).await?;
    while let Some(entry) = entries.next_entry().await? {
        let path = entry.path();
        if path.extension().is_some_and(|kind| kind == "json") {
            files.push(path);
        }
    }
    files.sort_unstable_by(|a, b| b.cmp(a));
    let mut mails = Vec::new();
    for file in files.into_iter().take(SHOWN) {
        mails.push(serde_json::from_slice(&tokio::fs::read(file).await?)?);
    }
    Ok(mails)
}
