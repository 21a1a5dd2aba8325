//! From any encoding to UTF-8, piece by piece into a temporary file.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use encoding_rs::DecoderResult;

use super::charset::Charset;

const PIECE_BYTES: usize = 64 * 1024;
/// Stands for bytes that mean nothing in the file's encoding. It is no UTF-8, so that its row is rejected: no
/// letter is ever replaced in silence.
pub(super) const UNDECODABLE: &[u8] = b"\xFF\xFE";
/// A report mirrors the byte order mark, and spreadsheet programs know UTF-8 by it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text of the file in UTF-8, with a byte order mark; what cannot be decoded is [`UNDECODABLE`].
pub(super) fn transcode(mut file: &File, charset: Charset) -> io::Result<File> {
    file.seek(SeekFrom::Start(0))?;
    let mut written = BufWriter::new(tempfile::tempfile()?);
    written.write_all(BYTE_ORDER_MARK)?;
    let mut decoder = charset.0.new_decoder_with_bom_removal();
    let (mut piece, mut text) = (vec![0; PIECE_BYTES], vec![0; PIECE_BYTES]);
    loop {
        let count = match file.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let mut rest = piece.get(..count).unwrap_or_default();
        loop {
            let (result, read, wrote) =
                decoder.decode_to_utf8_without_replacement(rest, &mut text, count == 0);
            written.write_all(text.get(..wrote).unwrap_or_default())?;
            rest = rest.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => written.write_all(UNDECODABLE)?,
            }
        }
        if count == 0 {
            return written.into_inner().map_err(io::IntoInnerError::into_error);
        }
    }
}
