/** The tests run as the program does: with the intrinsics frozen. Called by vitest before each test file. */
import { freezeIntrinsics } from "../src/model/intrinsics.ts";

freezeIntrinsics();
