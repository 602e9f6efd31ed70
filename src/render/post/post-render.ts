import type { ImageInput, PatchInput } from "../kustomization/fields.ts";
import type { Kustomization } from "../kustomization/kustomization.ts";

/** Which objects a patch is for; every part is optional, names are regular expressions. */
export interface PatchTarget {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly annotationSelector?: string;
}

/** What an Environment adds to the kustomization it renders, with the meaning it has in a Flux Kustomization. */
export interface PostRender {
  /** In the place of the kustomization's own. */
  readonly targetNamespace?: string;
  readonly namePrefix?: string;
  readonly nameSuffix?: string;
  /** Set on the objects alone, not on the pods they make or what selects them. */
  readonly commonMetadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** After the kustomization's own. */
  readonly patches?: readonly { readonly patch: string; readonly target?: PatchTarget }[];
  /** What is said here counts, beside what the kustomization's own image of the same name says otherwise. */
  readonly images?: readonly {
    readonly name: string;
    readonly newName?: string;
    readonly newTag?: string;
    readonly digest?: string;
  }[];
  /** Folders relative to the one rendered, after the kustomization's own. */
  readonly components?: readonly string[];
  /** Variables put into the objects; see `substituteVariables`. */
  readonly substitute?: { readonly variables: Readonly<Record<string, string>>; readonly strict: boolean };
}

/**
 * The kustomization with what an Environment adds to it.
 * Source: github.com/fluxcd/pkg/kustomize/kustomize_generator.go.
 */
export function withPostRender(kustomization: Kustomization, post: PostRender): Kustomization {
  const { targetNamespace, namePrefix, nameSuffix, patches = [], images = [], components = [] } = post;
  return {
    ...kustomization,
    ...(targetNamespace && { namespace: targetNamespace }),
    ...(namePrefix && { namePrefix }),
    ...(nameSuffix && { nameSuffix }),
    ...(patches.length > 0 && { patches: [...(kustomization.patches ?? []), ...patches.map(toPatch)] }),
    ...(components.length > 0 && { components: [...(kustomization.components ?? []), ...components] }),
    images: images.reduce(withImage, kustomization.images),
  };
}

function toPatch({ patch, target }: NonNullable<PostRender["patches"]>[number]): PatchInput {
  return target === undefined ? { patch } : { patch, target };
}

function withImage(images: readonly ImageInput[], image: ImageInput): readonly ImageInput[] {
  const index = images.findIndex(({ name }) => name === image.name);
  const said = Object.fromEntries(Object.entries(image).filter(([, text]) => text !== ""));
  return index < 0 ? [...images, image] : images.with(index, { ...images[index], ...said });
}
