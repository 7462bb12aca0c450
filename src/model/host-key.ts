/** A machine's SSH identity, as it is shown to a person and pinned. */
export interface HostKey {
  /** As known_hosts writes it: `name`, or `[name]:port` where the port is not 22. */
  host: string;
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, … */
  type: string;
  /** The public key in base64, as in known_hosts. */
  key: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  fingerprint: string;
}
