import { generateKeyPairSync, sign } from 'node:crypto';

const DAY_MILLISECONDS = 86_400_000;
/** Tags of DER, and object identifiers as it writes them. */
const TAG = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, time: 0x17, sequence: 0x30, set: 0x31 };
const OID = { ed25519: '2b6570', commonName: '550403', subjectAltName: '551d11' };

/** A certificate of today for 127.0.0.1 and these hosts, signed by itself, with its key; both in PEM. RFC 5280, and RFC 8410 for Ed25519. */
export function selfSigned(hosts: readonly string[] = []): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const algorithm = sequence(oid(OID.ed25519));
  const name = sequence(der(TAG.set, sequence(oid(OID.commonName), der(TAG.utf8, Buffer.from('test')))));
  const now = Date.now();
  const validity = sequence(...[now - DAY_MILLISECONDS, now + DAY_MILLISECONDS].map(time));
  const address = der(0x87, Buffer.from([127, 0, 0, 1])); // [7] iPAddress
  const names = hosts.map((host) => der(0x82, Buffer.from(host))); // [2] dNSName
  const altName = sequence(oid(OID.subjectAltName), der(TAG.octets, sequence(address, ...names)));
  const signed = sequence(
    der(0xa0, der(TAG.integer, Buffer.from([2]))), // version 3
    der(TAG.integer, Buffer.from([1])), // its serial number
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(altName)),
  );
  const signature = der(TAG.bits, Buffer.from([0]), sign(null, signed, privateKey));
  const base64 = sequence(signed, algorithm, signature)
    .toString('base64')
    .match(/.{1,64}/g)!;
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: `-----BEGIN CERTIFICATE-----\n${base64.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(TAG.sequence, ...parts);
}

function oid(hex: string): Buffer {
  return der(TAG.oid, Buffer.from(hex, 'hex'));
}

/** As 261114120500Z. */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(TAG.time, Buffer.from(`${digits}Z`));
}
