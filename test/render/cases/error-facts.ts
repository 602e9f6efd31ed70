/**
 * What the message of each failing case must say: the file, the object, what is wrong. Taken by hand from the corpus'
 * `expected-error.txt`; paths are relative here, since a build knows no path outside its tree.
 */
export const errorFacts: Readonly<Record<string, readonly string[]>> = {
  accumulate_resources_errors: ["root/kustomization.yaml", "file-or-directory", "no such file or directory"],
  accumulate_resources_errors_2: ["security", "base/resource.yaml", "not in or below 'root'"],
  accumulate_resources_errors_3: ["service.yaml", "expected a key"],
  base_must_have_kustomization_file: [
    "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization'",
    "directory 'base'",
  ],
  basic_io3812: ["service.yaml", "expected a key"],
  basic_var_collision: ["var 'POD_NAME' already encountered"],
  blank_namespace4240: [
    "namespace is blank for resource",
    "RoleBinding.v1.rbac.authorization.k8s.io/test.[noNs]",
    "resource.yaml",
  ],
  bug506: ["var 'POD_NAME' already encountered"],
  component_errors_components_cannot_add_bases_containing_the_same_resource: [
    "base-b/proxy.yaml",
    "Deployment/proxy",
    "may not add resource with an already registered id",
  ],
  component_errors_components_cannot_add_the_same_resource: [
    "comp-b/proxy.yaml",
    "Deployment/proxy",
    "may not add resource with an already registered id",
  ],
  component_errors_components_cannot_be_added_to_resources: ["expected kind != 'Component'", "'comp'"],
  component_errors_files_cannot_be_added_to_components_list: ["must build at directory", "filesincomponents/stub.yaml"],
  component_errors_invalid_component_api_version: [
    "comp/kustomization.yaml",
    "apiVersion for Component should be kustomize.config.k8s.io/v1alpha1",
  ],
  component_errors_kustomizations_cannot_be_added_to_components: [
    "expected kind 'Component' for path 'base' but got 'Kustomization'",
  ],
  config_map_generating_into_same_namespace: [
    "ConfigMap",
    "test",
    "exists; can not use behavior: 'unspecified', behavior must be merge or replace",
  ],
  duplicate_keys: ["resources.yaml", '"env" is already defined'],
  empty_patches_strategic_merge_fails: ["patch appears to be empty; files=[empty-patch.yaml comments-patch.yaml]"],
  intermediate_name_ambiguous: [
    "multiple matches for Id Deployment.v1.apps/foo.[noNs]",
    "failed to find unique target for patch Deployment.v1.apps/foo.[noNs]",
  ],
  invalid_legacy_sort_options_without_order_key: ["the field 'sortOptions.order' must be one of [fifo, legacy]"],
  issue1251_patches_prod_vs_dev_failure: ["security; file 'patches/patchAddProbe.yaml' is not in or below 'prod'"],
  multibases_with_conflict: [
    "subjects",
    "found multiple possible referrals",
    "ServiceAccount.v1.[noGrp]/a-serviceaccount-suffixA.[noNs]",
    "ServiceAccount.v1.[noGrp]/a-pfx-serviceaccount-sfx-suffixA.[noNs]",
  ],
  patch_original_name_and_new_kind: [
    "no matches for Id Deployment.v1.[noGrp]/new-name.[noNs]",
    "failed to find unique target for patch",
  ],
  plugins_not_enabled: ["external plugins disabled; unable to load external plugin 'StringPrefixer'"],
  repeat_base: [
    "multiple matches for Id Deployment.v1.apps/banana.[noNs]",
    "failed to find unique target for patch Deployment.v1.apps/banana.[noNs]",
  ],
  resource_not_found: ["deployment.yaml", "no such file or directory"],
  secret_generating_into_same_namespace: [
    "Secret",
    "test",
    "exists; can not use behavior: 'unspecified', behavior must be merge or replace",
  ],
  target_must_have_kustomization_file: [
    "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization'",
  ],
  target_must_have_only_one_kustomization_file: ["Found multiple kustomization files"],
  variables_ambiguous: ["found 2 resId matches for var elasticsearch-test-service-name", "unable to disambiguate"],
};
