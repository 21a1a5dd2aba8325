"""A customer with an SFTP server (OpenSSH's) and gpg, as one has them."""

import os
import subprocess

from cloud import ADDRESS, Server, free_port

CONFIG = """
Port {port}
ListenAddress {address}
HostKey {folder}/host
PidFile none
StrictModes no
AuthorizedKeysFile {folder}/authorized
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
Subsystem sftp internal-sftp
"""


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Customer:
    """Lets in nobody at first."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.out = os.path.join(folder, "out")
        self.gpg = os.path.join(folder, "gpg")
        os.mkdir(self.out)
        os.mkdir(self.gpg, 0o700)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/host")
        self.let_in("")
        config = f"{folder}/config"
        with open(config, "w") as file:
            file.write(CONFIG.format(port=self.port, address=ADDRESS, folder=folder))
        # As the super-user, it wants a folder of its own to be there.
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        self.server = Server(["/usr/sbin/sshd", "-D", "-e", "-f", config], folder)
        self.server.wait_for(lambda said: "Server listening" in said, 30)

    def let_in(self, public_key):
        """Whoever has the private key, a line of OpenSSH's."""
        with open(f"{self.folder}/authorized", "w") as file:
            file.write(public_key + "\n")

    def take_key(self, armoured):
        with open(f"{self.gpg}/key.asc", "w") as file:
            file.write(armoured)
        run("gpg", "--homedir", self.gpg, "--batch", "--import", f"{self.gpg}/key.asc")

    def put(self, name, content, fingerprint):
        """Encrypts by the command that the admin API tells."""
        plain = os.path.join(self.folder, "users.csv")
        with open(plain, "w") as file:
            file.write(content)
        command = ["gpg", "--homedir", self.gpg, "--batch", "--yes", "--trust-model", "always", "-r", fingerprint]
        run(*command, "-o", os.path.join(self.out, name), "-e", plain)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.__exit__(*error)
