/** A template that cannot be read. */
export class TemplateInvalid extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TemplateInvalid";
  }
}
