import { BlockList, isIP } from "node:net";

/** How far out of the ordinary an address is: what may be connected to up to one level, may be up to every level before it. */
export type AddressLevel = "public" | "private" | "loopback" | "never";

/** What an address is, for a judgement and for a sentence. */
export interface AddressKind {
  readonly level: AddressLevel;
  /** `a loopback address` */
  readonly words: string;
}

interface Range extends AddressKind {
  readonly subnets: readonly string[];
}

/**
 * The addresses that are not of the internet at large; the first range that holds an address counts. Upstream: the IANA
 * special-purpose address registries, and for metadata services the documentation of AWS, Google, Azure, Alibaba and Oracle.
 */
const ranges: readonly Range[] = [
  { level: "never", words: "an unspecified address", subnets: ["0.0.0.0/8", "::/128"] },
  {
    level: "never",
    words: "the address of a metadata service",
    subnets: [
      ...["169.254.169.254/32", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"],
      ...["fd00:ec2::/32", "fd20:ce::254/128"],
    ],
  },
  { level: "never", words: "a link-local address", subnets: ["169.254.0.0/16", "fe80::/10", "fec0::/10"] },
  { level: "never", words: "a multicast address", subnets: ["224.0.0.0/4", "ff00::/8"] },
  {
    level: "never",
    words: "a reserved address",
    subnets: ["192.0.0.0/24", "240.0.0.0/4", "64:ff9b:1::/48", "100::/64", "2001::/32"],
  },
  { level: "loopback", words: "a loopback address", subnets: ["127.0.0.0/8", "::1/128"] },
  {
    level: "private",
    words: "a private address",
    subnets: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "fc00::/7"],
  },
];

const lists = ranges.map(({ subnets, ...kind }) => ({ kind, list: listOf(subnets) }));

/** What a numeric address is. An IPv4 address that is wrapped in an IPv6 one is what it is by itself. */
export function kindOfAddress(address: string): AddressKind {
  const plain = plainAddress(address);
  if (plain === undefined) return { level: "never", words: "no address" };
  const family = isIP(plain) === 4 ? "ipv4" : "ipv6";
  const found = lists.find(({ list }) => list.check(plain, family));
  return found?.kind ?? { level: "public", words: "a public address" };
}

/** The one spelling of an address, without the IPv6 address that an IPv4 one is wrapped in; undefined for what is none. */
export function plainAddress(address: string): string | undefined {
  const canonical = isIP(address) === 0 ? undefined : canonicalHost(address);
  if (canonical === undefined || isIP(canonical) === 4) return canonical;
  return wrappedAddress(groupsOf(canonical)) ?? canonical;
}

/**
 * A host as all its spellings come to: lower case, without brackets or a final dot, IPv4 addresses in four decimal parts
 * whatever they were written in. Undefined for what no URL can hold.
 */
export function canonicalHost(host: string): string | undefined {
  const text = `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}/`;
  if (!URL.canParse(text)) return undefined;
  const { href, hostname } = new URL(text);
  // Whatever else stands in it is not part of a host.
  if (hostname === "" || href !== `http://${hostname}/`) return undefined;
  return hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

function listOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = "", bits] = subnet.split("/");
    list.addSubnet(address, Number(bits), address.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}

/** Where an IPv6 address holds an IPv4 one: mapped, compatible, translated, NAT64 (RFC 6052) and 6to4. */
function wrappedAddress(groups: readonly number[]): string | undefined {
  const starts = (...head: readonly number[]) => head.every((group, index) => groups[index] === group);
  const low = dotted(groups[6], groups[7]);
  if (starts(0, 0, 0, 0, 0, 0xffff) || starts(0, 0, 0, 0, 0xffff, 0) || starts(0x64, 0xff9b, 0, 0, 0, 0)) return low;
  if (starts(0x2002)) return dotted(groups[1], groups[2]);
  // :: and ::1 are addresses of their own.
  return starts(0, 0, 0, 0, 0, 0) && (groups[6] !== 0 || (groups[7] ?? 0) > 1) ? low : undefined;
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight groups of an IPv6 address, which is canonical. */
function groupsOf(address: string): readonly number[] {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}
