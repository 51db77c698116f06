# bash completion for sealcheck. Made by scripts/manual.ts from src/cli/arguments/table.ts: change that.

_sealcheck() {
  COMPREPLY=()
  local IFS=$' \t\n'
  local raw=${COMP_WORDS[COMP_CWORD]}
  local words=() word joins="" i
  # readline parts words at = and : too; here they are whole.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ ${#words[@]} -gt 0 && -n $word && ( -n $joins || $word == [=:]* ) ]]; then
      words[${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    joins=""
    if [[ -n $word && $word != *[!=:]* ]]; then joins=1; fi
  done
  local last=$((${#words[@]} - 1))
  local current=${words[last]}

  local command="" option="" ended="" operand="" operands=0 given=" "
  for ((i = 0; i < last; i++)); do
    word=${words[i]}
    if [[ -n $option ]]; then
      option=""
    elif [[ -z $ended && $word == -?* ]]; then
      case $word in
        --) ended=1 ;;
        --identity | --policy | --openpgp | --format | --digest-file | --manifest-out | --manifest-digest | --platform | --blobs | --identities | --registry | --key | --key-type | --preset | --output | -o | --public-key-file | --load-signatures-from | --passphrase-file | --exit-codes | --jobs | --images | --authfile | --cert-dir | --creds | --username | --password | --registry-token | --listen | --listen-mode | --listen-owner | --max-connections | --idle-timeout | --sockfd | --user-agent-prefix | --registries-conf | --db | --audit | --name | --machine | --evidence | --rate | --per-registry | --park | --lease | --report | --pin | --resume | --timeout | --command-timeout | --override-arch | --override-os | --override-variant | --registries.d | --tmpdir) option=$word ;;
      esac
      given+="${word%%=*} "
    else
      case $command in
        "")
          case $word in
            verify-installable | batch | verify-policy | serve | experimental-image-proxy | standalone-verify | standalone-sign | manifest-digest | untrusted-signature-dump | help | policy | audit) command=$word ;;
            untrusted-signature-dump-without-verification) command=untrusted-signature-dump ;;
            *) return 0 ;;
          esac
          ;;
        policy | audit) command="$command $word" ;;
        *) operand=$word operands=$((operands + 1)) ;;
      esac
    fi
  done

  local kind="" choices="" prefix=""
  if [[ -z $option && -z $ended && $current == --*=* ]]; then
    option=${current%%=*}
    prefix=$option=
  fi
  if [[ -n $option ]]; then
    case $command:$option in
      verify-installable:--openpgp) kind=choices choices="all gnupg go sequoia" ;;
      verify-installable:--format) kind=choices choices="text json jsonl" ;;
      verify-installable:--blobs) kind=choices choices="none present all" ;;
      batch:--openpgp) kind=choices choices="all gnupg go sequoia" ;;
      batch:--blobs) kind=choices choices="none present all" ;;
      verify-policy:--openpgp) kind=choices choices="all gnupg go sequoia" ;;
      verify-policy:--format) kind=choices choices="text json jsonl junit sarif" ;;
      verify-policy:--blobs) kind=choices choices="none head full" ;;
      serve:--openpgp) kind=choices choices="all gnupg go sequoia" ;;
      experimental-image-proxy:--openpgp) kind=choices choices="all gnupg go sequoia" ;;
      experimental-image-proxy:--exit-codes) kind=choices choices="skopeo detailed" ;;
      standalone-verify:--openpgp) kind=choices choices="all gnupg go sequoia" ;;
      standalone-verify:--format) kind=choices choices="text json" ;;
      standalone-verify:--exit-codes) kind=choices choices="skopeo detailed" ;;
      standalone-sign:--exit-codes) kind=choices choices="skopeo detailed" ;;
      manifest-digest:--exit-codes) kind=choices choices="skopeo detailed" ;;
      untrusted-signature-dump:--exit-codes) kind=choices choices="skopeo detailed" ;;
      "policy check:--format") kind=choices choices="text json" ;;
      "policy explain:--format") kind=choices choices="text json" ;;
      "policy diff:--format") kind=choices choices="text json" ;;
      "policy show:--format") kind=choices choices="text json" ;;
      "policy init:--key-type") kind=choices choices="gpg sigstore" ;;
      "policy init:--preset") kind=choices choices="fedora rhel9" ;;
      "audit init:--openpgp") kind=choices choices="all gnupg go sequoia" ;;
      "audit init:--format") kind=choices choices="text json" ;;
      "audit init:--blobs") kind=choices choices="none head" ;;
      "audit status:--format") kind=choices choices="text json" ;;
      "audit report:--format") kind=choices choices="text json jsonl sarif" ;;
      "audit rejudge:--openpgp") kind=choices choices="all gnupg go sequoia" ;;
      "audit rejudge:--format") kind=choices choices="text json" ;;
      "audit diff:--format") kind=choices choices="text json jsonl" ;;
      "audit explain:--format") kind=choices choices="text json" ;;
    esac
    case $option in
      --policy | --digest-file | --manifest-out | --identities | --key | --output | -o | --public-key-file | --passphrase-file | --images | --authfile | --registries-conf | --db | --report | --pin | --resume) kind=file ;;
      --load-signatures-from | --cert-dir | --evidence | --registries.d | --tmpdir) kind=directory ;;
    esac
  elif [[ -z $ended && $current == -* ]]; then
    kind=options
  else
    case $command:$operands in
      :0 | help:0) kind=choices choices="verify-installable batch verify-policy serve experimental-image-proxy standalone-verify standalone-sign manifest-digest untrusted-signature-dump help policy audit" ;;
      policy:0) kind=choices choices="check explain diff show init" ;;
      audit:0) kind=choices choices="init add work status report rejudge diff explain retry" ;;
      help:1)
        case $operand in
          policy) kind=choices choices="check explain diff show init" ;;
          audit) kind=choices choices="init add work status report rejudge diff explain retry" ;;
        esac
        ;;
      verify-installable:0) kind=source ;;
      standalone-verify:0 | standalone-verify:3 | standalone-sign:0 | manifest-digest:0 | untrusted-signature-dump:0 | "policy check:0" | "policy diff:0" | "policy diff:1") kind=file ;;
      verify-policy:0 | standalone-verify:1 | standalone-verify:2 | standalone-sign:1 | standalone-sign:2 | "policy explain:0" | "audit add:0" | "audit diff:0" | "audit diff:1" | "audit explain:0") ;;
      *) if [[ -z $ended ]]; then kind=options; fi ;;
    esac
  fi

  if [[ $kind == options ]]; then
    case $command in
      verify-installable) choices="--identity --openpgp --format --digest-file --manifest-out --manifest-digest --platform --blobs --layout-signatures --all-images --as-stored --load-signatures-from --allow-empty --quiet" ;;
      batch) choices="--openpgp --platform --blobs --layout-signatures --jobs --allow-empty" ;;
      verify-policy) choices="--openpgp --format --platform --blobs --jobs --images --all-tags --authfile --cert-dir --tls-verify --report --pin --resume --timeout --verbose --quiet" ;;
      serve) choices="--openpgp --authfile --cert-dir --tls-verify --listen --listen-mode --listen-owner --stdio --max-connections --idle-timeout" ;;
      experimental-image-proxy) choices="--openpgp --exit-codes --authfile --cert-dir --tls-verify --creds --username --password --no-creds --registry-token --sockfd" ;;
      standalone-verify) choices="--openpgp --format --digest-file --manifest-out --public-key-file --system-signature-policy --load-signatures-from --exit-codes --quiet" ;;
      standalone-sign) choices="--output --passphrase-file --exit-codes" ;;
      manifest-digest) choices="--exit-codes" ;;
      untrusted-signature-dump) choices="--exit-codes" ;;
      "policy check") choices="--format --strict" ;;
      "policy explain") choices="--format" ;;
      "policy diff") choices="--format --identities" ;;
      "policy show") choices="--format" ;;
      "policy init") choices="--registry --key --key-type --preset --output --force" ;;
      "audit init") choices="--openpgp --format --platform --blobs --db --name --evidence --rate --per-registry --park" ;;
      "audit add") choices="--images --all-tags --db --audit --storage --machine --quiet" ;;
      "audit work") choices="--jobs --authfile --cert-dir --tls-verify --db --wait --lease --timeout --quiet" ;;
      "audit status") choices="--format --db --audit" ;;
      "audit report") choices="--format --db --audit --report --verbose" ;;
      "audit rejudge") choices="--openpgp --format --db --audit --name" ;;
      "audit diff") choices="--format --db --verbose" ;;
      "audit explain") choices="--format --db --audit" ;;
      "audit retry") choices="--db --audit" ;;
    esac
    # None may be given twice.
    for word in $choices --policy --require-signed --user-agent-prefix --registries-conf --debug --help --version --override-arch --override-os --override-variant --registries.d; do
      if [[ $given != *" $word "* && $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
    done
    return 0
  fi

  if [[ $kind == source ]]; then
    kind=directory
    if [[ $current == dir:* ]]; then prefix=dir:; fi
  fi
  local value=${current#"$prefix"}
  # readline replaces only what follows the last = or :, if it parted the word there.
  local kept=${current%"$raw"}
  if [[ -n $raw && $raw != *[!=:]* ]]; then kept=$current; fi
  while IFS= read -r word; do
    word=$prefix$word
    COMPREPLY+=("${word#"$kept"}")
  done < <(
    case $kind in
      (choices) compgen -W "$choices" -- "$value" ;;
      (file) compgen -f -- "$value" ;;
      (directory) compgen -d -- "$value" ;;
    esac
  )
  case $kind in
    # Only within a completion, and not before bash 4, is there a compopt.
    file | directory) compopt -o filenames 2>/dev/null || true ;;
  esac
}

complete -F _sealcheck sealcheck
