import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KnownHosts } from './known-hosts.js';

const key = Buffer.from('the key of the host');
const other = Buffer.from('the key of somebody else');
const base64 = key.toString('base64');

function known(line: string, host: string, port = 22): boolean {
  return new KnownHosts(line).has(host, port, key);
}

describe('the key of a host', () => {
  it('is known by name, address, pattern and list', () => {
    expect(known(`kvm1.example.org ssh-ed25519 ${base64} a comment`, 'kvm1.example.org')).toBe(true);
    expect(known(`kvm1,10.0.0.1 ssh-ed25519 ${base64}`, '10.0.0.1')).toBe(true);
    expect(known(`*.example.org ssh-ed25519 ${base64}`, 'KVM1.example.org')).toBe(true);
    expect(known(`kvm? ssh-ed25519 ${base64}`, 'kvm1')).toBe(true);
  });

  it('is not known by what only looks like its name', () => {
    expect(known(`kvm1xexample.org ssh-ed25519 ${base64}`, 'kvm1.example.org')).toBe(false);
    expect(known(`kvm1.example.org ssh-ed25519 ${base64}`, 'kvm1xexample.org')).toBe(false);
    expect(known(`*.example.org,!bad.example.org ssh-ed25519 ${base64}`, 'bad.example.org')).toBe(false);
    expect(known(`# kvm1 ssh-ed25519 ${base64}`, 'kvm1')).toBe(false);
    expect(known('kvm1 ssh-ed25519', 'kvm1')).toBe(false);
  });

  it('is known for its port only', () => {
    expect(known(`[kvm1]:2222 ssh-ed25519 ${base64}`, 'kvm1', 2222)).toBe(true);
    expect(known(`[kvm1]:2222 ssh-ed25519 ${base64}`, 'kvm1')).toBe(false);
    expect(known(`kvm1 ssh-ed25519 ${base64}`, 'kvm1', 2222)).toBe(false);
  });

  it('is known by a hashed name', () => {
    const salt = randomBytes(20);
    const hash = createHmac('sha1', salt).update('kvm1').digest('base64');
    const line = `|1|${salt.toString('base64')}|${hash} ssh-ed25519 ${base64}`;
    expect(known(line, 'kvm1')).toBe(true);
    expect(known(line, 'kvm2')).toBe(false);
  });

  it('has to be the one that is known, and not revoked', () => {
    expect(new KnownHosts(`kvm1 ssh-ed25519 ${base64}`).has('kvm1', 22, other)).toBe(false);
    expect(known(`kvm1 ssh-ed25519 ${base64}\n@revoked * ssh-ed25519 ${base64}`, 'kvm1')).toBe(false);
    expect(known(`@cert-authority kvm1 ssh-ed25519 ${base64}`, 'kvm1')).toBe(false);
  });

  it('says which algorithms the host has to sign with', () => {
    const hosts = new KnownHosts(`kvm1 ssh-rsa ${base64}\nkvm1 ssh-ed25519 ${base64}\nkvm2 ecdsa-sha2-nistp256 ${base64}`);
    expect(hosts.types('kvm1', 22)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
    expect(hosts.types('kvm3', 22)).toEqual([]);
  });
});
