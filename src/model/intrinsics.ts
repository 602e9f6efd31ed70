/** Prototypes whose members nobody replaces on an instance. */
const plain = [Array, String, Number, Boolean, BigInt, Symbol, Map, Set, WeakMap, WeakSet, Uint8Array];
/** Those whose members packages do replace on instances and on prototypes made from them: `error.name = …`. */
const replaced = [Object, Function, Error];

/**
 * Freezes what all objects inherit from, so that no untrusted text used as a key can change how the rest of
 * the program works, in this code or in any package: `Object.prototype` and those of functions, errors, lists, texts,
 * numbers and maps, with their constructors' own members. `__proto__` becomes a key like any other. Every thread of the
 * program calls this before it reads anything. `RegExp.prototype` is left alone, for frozen it makes matching ten times
 * slower, and `Promise` and `Date`, whose members packages replace on instances.
 */
export function freezeIntrinsics(): void {
  Reflect.deleteProperty(Object.prototype, "__proto__");
  for (const { prototype } of replaced) letInstancesReplace(prototype);
  for (const { prototype } of [...replaced, ...plain]) Object.freeze(prototype);
  Object.freeze(Object.getPrototypeOf(Uint8Array.prototype));
  for (const type of [Object, Function, Array, Map, Set, String, Number]) Object.freeze(type);
}

/**
 * A member that is frozen on a prototype cannot be assigned on what inherits from it either, which hits every object that
 * has a key `constructor` and every error that gets a name of its own. So these become accessors whose setter makes a
 * member of the object at hand.
 */
function letInstancesReplace(prototype: object): void {
  for (const [name, { value, configurable }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (configurable !== true || value === undefined) continue;
    Object.defineProperty(prototype, name, {
      get: () => value,
      set(this: unknown, own: unknown) {
        if (this === prototype || (typeof this !== "object" && typeof this !== "function") || this === null) {
          throw new TypeError(`Cannot assign to read only property '${name}' of a prototype`);
        }
        Object.defineProperty(this, name, { value: own, writable: true, enumerable: true, configurable: true });
      },
    });
  }
}
