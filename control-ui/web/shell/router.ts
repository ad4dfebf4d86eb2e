import { computed, signal } from "@preact/signals";

/**
 * The addresses of the page: the lines, the officer's comparison, one parcel's page. A story opened over the
 * lines is part of the address too, so that a reload or a copied link shows the same.
 */
export type StoryKey = { readonly waybill: string } | { readonly passId: string };

export type Route =
  | { readonly name: "lines"; readonly story: StoryKey | null }
  | { readonly name: "officer"; readonly story: StoryKey | null }
  | { readonly name: "parcel"; readonly waybill: string };

const address = signal(readAddress());
export const route = computed(() => routeOf(new URL(address.value, "http://page")));

export function routeOf({ pathname, searchParams }: URL): Route {
  const parcel = /^\/parcel\/([^/]+)$/.exec(pathname)?.[1];
  if (parcel !== undefined) return { name: "parcel", waybill: decodeText(parcel) };
  const waybill = searchParams.get("waybill");
  const passId = searchParams.get("pass");
  const story = passId !== null ? { passId } : waybill !== null ? { waybill } : null;
  return { name: pathname === "/officer" ? "officer" : "lines", story };
}

export function addressOf(to: Route): string {
  if (to.name === "parcel") return `/parcel/${encodeURIComponent(to.waybill)}`;
  const path = to.name === "officer" ? "/officer" : "/";
  if (to.story === null) return path;
  const [name, value] =
    "passId" in to.story ? ["pass", to.story.passId] : ["waybill", to.story.waybill];
  return `${path}?${name}=${encodeURIComponent(value)}`;
}

export function go(to: Route): void {
  history.pushState(null, "", addressOf(to));
  address.value = readAddress();
}

export function listenToHistory(): void {
  addEventListener("popstate", () => {
    address.value = readAddress();
  });
}

function readAddress(): string {
  return location.pathname + location.search;
}

function decodeText(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
