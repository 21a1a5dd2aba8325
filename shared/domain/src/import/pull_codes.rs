//! The part of the table of problem codes that is about fetching and decrypting; see [`super::codes`].

macro_rules! with_codes_of_pulls {
    ($($rows:tt)*) => {
        codes! {
            $($rows)*

            // On the way to the server.
            SftpNameUnknown "sftp-name-unknown" FileRefused
                "The name of the server is not known" ["`sftp://files.acme.exmaple/out/users.csv`"]
                "Without an address there is nothing to connect to"
                "Correct the host in the URL, or ask whoever runs the server for its public name";
            SftpAddressForbidden "sftp-address-forbidden" FileRefused
                "The server is inside a network that may not be reached" ["`sftp://10.0.0.7/users.csv`"]
                "A URL must not lead into the operator's own network"
                "Use the public address of the server; an operator can allow an inside network with MUSTER_SFTP_ALLOW";
            SftpUnreachable "sftp-unreachable" FileRefused
                "The server does not answer" ["A firewall that lets nobody in"]
                "No connection could be made"
                "See whether the server runs, whether the port is right, and whether its firewall lets the addresses of Muster in";
            SftpNotSsh "sftp-not-ssh" FileRefused
                "What answers there does not speak SSH" ["A web server on port 443"]
                "SFTP is a part of SSH; FTP and FTPS are not"
                "Correct the port in the URL; a server that speaks only FTP cannot be used";
            SftpNoCommonAlgorithms "sftp-no-common-algorithms" FileRefused
                "The server and Muster have no algorithms in common" ["A server that offers only diffie-hellman-group14-sha1"]
                "Without them nothing can be encrypted"
                "Update the server; where that cannot be, set legacy_algorithms in the source";
            SftpHostKeyUntrusted "sftp-host-key-untrusted" FileRefused
                "Nobody has said yet that the key of the server is right" ["A source without host_keys"]
                "Anybody between Muster and the server could pretend to be it, and would be given the password"
                "Compare the key that is shown with what the server's administrator tells you, and put it into host_keys";
            SftpHostKeyChanged "sftp-host-key-changed" FileRefused
                "The server has another key than the one that is trusted" ["A server that was set up anew"]
                "It may be another server that pretends to be this one; nothing secret was sent to it"
                "Ask the server's administrator whether the key was changed, and only then put the new one into host_keys";
            SftpCredentialsMissing "sftp-credentials-missing" FileRefused
                "There is no password and no private key yet" ["`private_key: null` before a key was generated"]
                "Nobody can log in without one"
                "Send the password or the private key, or let Muster generate a key";
            SftpKeyUnusable "sftp-key-unusable" FileRefused
                "The private key cannot be used" ["A key whose passphrase is missing"]
                "It cannot be read, or it is too weak"
                "Send the private key again with its passphrase, or let Muster generate one";
            SftpCredentialsRefused "sftp-credentials-refused" FileRefused
                "The server does not let this account in" ["A password that was changed"]
                "It refused the password or the key; it is not tried again, as accounts are often locked after a few failures"
                "Ask the server's administrator for the account, its password or whether the public key was installed";
            SftpPaused "sftp-paused" FileRefused
                "Nothing is fetched, as the server refused the credentials three times in a row" ["The third night with an old password"]
                "Further attempts could lock the account"
                "Correct the credentials, see with Test Access that they are right, and fetch the file by hand";

            // On the server.
            SftpNotOffered "sftp-not-offered" FileRefused
                "The server lets the account in, and does not offer SFTP to it" ["An account that has only a shell"]
                "Files are fetched over SFTP"
                "Ask the server's administrator to allow SFTP to this account";
            SftpFolderMissing "sftp-folder-missing" FileRefused
                "The folder is not there" ["`/out` where the account sees `/acme/out`"]
                "There is no file where there is no folder"
                "Correct the path in the URL; it begins at the account's root, or without its first slash as `/~/` at its home";
            SftpDenied "sftp-denied" FileRefused
                "The account may not do this there" ["A folder that belongs to another account"]
                "The server says that permission is denied"
                "Ask the server's administrator for the permission";
            SftpTooManyFiles "sftp-too-many-files" FileRefused
                "The folder has more than 100,000 entries" ["An archive of many years"]
                "Looking for a file among so many takes too long"
                "Use a folder of its own, or name the file without a pattern";
            SftpFileMissing "sftp-file-missing" FileRefused
                "There is no such file" ["`users_20261124.csv` on the 25th"]
                "The export may have failed, or run late"
                "See whether the export ran, and whether the pattern in the URL fits the file's name";
            SftpNotAFile "sftp-not-a-file" FileRefused
                "What bears the name is no file" ["A symbolic link"]
                "Links are not followed, as they can lead to anything"
                "Put the file itself there";
            SftpFileUnfinished "sftp-file-unfinished" FileRefused
                "The file is still being written" ["A file that grows between two looks"]
                "Half a file would look like many people missing"
                "Let the export run earlier or the schedule later, write under a temporary name and rename, or use a marker file";
            SftpMarkerWrong "sftp-marker-wrong" FileRefused
                "The marker does not fit the file" ["`users.csv.done` says 400 rows, and there are 380"]
                "The file may have been cut off, or replaced since"
                "Send file and marker again";
            SftpFileTooLarge "sftp-file-too-large" FileRefused
                "The file is larger than 4 GB" ["A dump of a whole database"]
                "No table of people is"
                "Export only the people";
            SftpTimedOut "sftp-timed-out" FileRefused
                "The server has said nothing for too long" ["A server that stops in the middle of a file"]
                "Waiting longer would keep others waiting"
                "See whether the server is overloaded; it is tried again at the next time";
            SftpBrokeOff "sftp-broke-off" FileRefused
                "The connection broke off" ["A server that was restarted"]
                "The file did not arrive whole, and was thrown away"
                "See whether the server runs; it is tried again at the next time";
            SftpArchiveFailed "sftp-archive-failed" FileWarning
                "The file was fetched, and could not be archived or deleted on the server" ["An account that may only read"]
                "It will be found again the next time"
                "Allow the account to rename and delete in the folder, or set after to leave";
            FileOlder "file-older" RunHeld
                "The file is older than the one imported before it" ["Yesterday's file, copied back"]
                "It would undo what has changed since"
                "See whether it is the right file; approve the plan if it is, or else discard it";

            // PGP.
            PgpNoKeys "pgp-no-keys" FileRefused
                "The configuration has no PGP key yet" ["`decryption` set to `pgp`, and no key generated"]
                "Nothing can have been encrypted for it"
                "Generate a key, and give its public half to whoever encrypts the file";
            PgpNotEncrypted "pgp-not-encrypted" FileRefused
                "The file is not encrypted" ["A plain CSV file where decryption is on"]
                "Somebody else may have put it there, and it has lain there for all to read"
                "Encrypt the file, or turn decryption off in the configuration";
            PgpForOthers "pgp-for-others" FileRefused
                "The file is encrypted for another key" ["A file for a key that was retired"]
                "Without its private key nobody can read it"
                "Encrypt the file for the configuration's present public key";
            PgpPassword "pgp-password" FileRefused
                "The file is encrypted with a password" ["`gpg -c users.csv`"]
                "Muster has no such password"
                "Encrypt it for the configuration's public key instead";
            PgpUnprotected "pgp-unprotected" FileRefused
                "The file has no integrity protection" ["A file that was made with `--rfc2440`"]
                "Nobody could tell whether it was changed on the way"
                "Encrypt with a current version of gpg, without options that turn its protection off";
            PgpDamaged "pgp-damaged" FileRefused
                "The encrypted file is damaged or incomplete" ["A file of which the end is missing"]
                "It was cut off or changed on the way, and nothing of it can be trusted"
                "Encrypt and send it again";
            PgpNested "pgp-nested" FileRefused
                "The file is packed or encrypted too many times over" ["A file that was encrypted twice"]
                "Such files are made to exhaust whoever reads them"
                "Encrypt the CSV file once";
            PgpTooLarge "pgp-too-large" FileRefused
                "The file holds more than 4 GB" ["A file of 1 MB that holds 8 GB of blanks"]
                "No table of people does, and decrypting it could fill the disk"
                "Encrypt only the CSV file of the people";
            PgpUnsupported "pgp-unsupported" FileRefused
                "The file is encrypted in a way that is not read here" ["An algorithm that nobody uses any more"]
                "It is unknown, or not safe"
                "Encrypt with gpg 2.2 or later and its usual options";
            PgpSignatureMissing "pgp-signature-missing" FileRefused
                "The file is not signed" ["`gpg -e` without `-s`"]
                "The configuration demands a signature"
                "Sign the file when encrypting it, or set pgp.signatures to verify";
            PgpSignerUnknown "pgp-signer-unknown" FileRefused
                "The file is signed by a key that is not among the signers" ["A colleague's key"]
                "The configuration demands the signature of a signer that it knows"
                "Add the public key of the signer to pgp.signers if it is to be trusted";
            PgpSignatureWrong "pgp-signature-wrong" FileRefused
                "The signature is not right" ["A file that was changed after it was signed"]
                "The file is not what the signer has signed"
                "Sign and send it again; if it comes back, ask the signer";

            SecretUnreadable "secret-unreadable" FileRefused
                "A secret of the configuration cannot be opened" ["A vault key that was lost"]
                "The password or the private keys are sealed with a key that is not the present one"
                "Send the password or the private key again, and generate a new PGP key";
        }
    };
}

pub(super) use with_codes_of_pulls;
