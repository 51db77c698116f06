# fish completion for sealcheck. Made by scripts/manual.ts from src/cli/arguments/table.ts: change that.

# Prints the words that are no options: the command, one word or two as one line, then what it was given.
function __sealcheck_words
    set -l words
    set -l skip
    set -l ended
    for token in (commandline -opc)[2..-1]
        if test -n "$skip"
            set skip
        else if test -z "$ended"; and string match -q -- '-?*' $token
            switch $token
                case --
                    set ended 1
                case --identity --policy --openpgp --format --digest-file --manifest-out --manifest-digest --platform --blobs --identities --registry --key --key-type --preset --output -o --public-key-file --load-signatures-from --passphrase-file --exit-codes --jobs --images --authfile --cert-dir --creds --username --password --registry-token --listen --listen-mode --listen-owner --max-connections --idle-timeout --sockfd --user-agent-prefix --registries-conf --db --audit --name --machine --evidence --rate --per-registry --park --lease --report --pin --resume --timeout --command-timeout --override-arch --override-os --override-variant --registries.d --tmpdir
                    set skip 1
            end
        else if test (count $words) -eq 1; and contains -- "$words[1]" policy audit
            set words "$words[1] $token"
        else if test (count $words) -eq 0; and test "$token" = untrusted-signature-dump-without-verification
            set words untrusted-signature-dump
        else
            set -a words $token
        end
    end
    string join -- \n $words
end

# Whether the command is the one of these words.
function __sealcheck_in
    set -l words (__sealcheck_words)
    test "$words[1]" = "$argv"
end

# Whether the command is the one of the words after the first, which is how many arguments it was given.
function __sealcheck_at
    set -l words (__sealcheck_words)
    set -l given (math (count $words) - 1)
    if test (count $argv) -eq 1
        test (count $words) -eq 0
    else
        test "$words[1]" = "$argv[2..-1]"; and test $given -eq $argv[1]
    end
end

# Whether this is the argument before.
function __sealcheck_after
    set -l words (__sealcheck_words)
    test "$words[-1]" = "$argv[1]"
end

complete -c sealcheck -f
complete -c sealcheck -l policy -r -F -d 'the policy to judge by, instead of the user\'s or the system\'s policy.json'
complete -c sealcheck -l require-signed -d 'refuse an image for which the policy does not verify a signature'
complete -c sealcheck -l user-agent-prefix -x -d 'what registries are told before this program\'s name; without effect for commands that ask none'
complete -c sealcheck -l registries-conf -r -F -d 'the registries.conf to use, instead of the user\'s or the system\'s; without effect for commands that ask no registry'
complete -c sealcheck -l debug -d 'tell each step on standard error'
complete -c sealcheck -s h -l help -d 'print help and exit'
complete -c sealcheck -s v -l version -d 'print the version and exit'
complete -c sealcheck -l override-arch -x -d 'as --platform, for this machine\'s platform with another architecture; ignored by commands that choose no image'
complete -c sealcheck -l override-os -x -d 'as --platform, for this machine\'s platform with another operating system; ignored by commands that choose no image'
complete -c sealcheck -l override-variant -x -d 'as --platform, for this machine\'s platform with another variant; ignored by commands that choose no image'
complete -c sealcheck -l registries.d -x -a '(__fish_complete_directories (commandline -ct))' -d 'where to read registries.d, instead of the user\'s and the system\'s; without effect for commands that do not read it'
complete -c sealcheck -n '__sealcheck_at 0' -a verify-installable -d 'say whether the policy allows an image that is on disk'
complete -c sealcheck -n '__sealcheck_at 0' -a batch -d 'judge many images: requests as JSON Lines in, verdicts as JSON Lines out'
complete -c sealcheck -n '__sealcheck_at 0' -a verify-policy -d 'check, before a roll-out, that registries and their mirrors give images that the policy accepts'
complete -c sealcheck -n '__sealcheck_at 0' -a serve -d 'answer other programs that ask, by varlink, whether the policy allows an image'
complete -c sealcheck -n '__sealcheck_at 0' -a experimental-image-proxy -d 'serve images to a program on a socket, as skopeo\'s image proxy does, with an identity if that is given'
complete -c sealcheck -n '__sealcheck_at 0' -a standalone-verify -d 'verify a signature of a manifest, with files on disk only'
complete -c sealcheck -n '__sealcheck_at 0' -a standalone-sign -d 'sign a manifest with a key of the user\'s GnuPG keyring, for tests'
complete -c sealcheck -n '__sealcheck_at 0' -a manifest-digest -d 'print the digest of a manifest'
complete -c sealcheck -n '__sealcheck_at 0' -a untrusted-signature-dump -d 'print what a signature says of itself, WITHOUT VERIFYING IT'
complete -c sealcheck -n '__sealcheck_at 0' -a help -d 'print help, in general or on a command'
complete -c sealcheck -n '__sealcheck_at 0' -a policy -d 'commands for whoever writes a policy.json'
complete -c sealcheck -n '__sealcheck_at 0' -a audit -d 'commands for whoever has many images to look after'
complete -c sealcheck -n '__sealcheck_at 0 policy' -a check -d 'say what is wrong with a policy, and with the keys and certificates that it names'
complete -c sealcheck -n '__sealcheck_at 0 policy' -a explain -d 'say which part of the policy decides about an image, and what it asks for'
complete -c sealcheck -n '__sealcheck_at 0 policy' -a diff -d 'say for which images two policies ask for something else'
complete -c sealcheck -n '__sealcheck_at 0 policy' -a show -d 'list all that the policy trusts'
complete -c sealcheck -n '__sealcheck_at 0 policy' -a init -d 'write a first policy: one registry with a key, everything else rejected'
complete -c sealcheck -n '__sealcheck_at 0 audit' -a init -d 'begin an audit of many images by a policy, in a new database or one that has audits already'
complete -c sealcheck -n '__sealcheck_at 0 audit' -a add -d 'add images to an audit: references, a list of them, all tags of repositories, or what lies on this machine'
complete -c sealcheck -n '__sealcheck_at 0 audit' -a work -d 'fetch and judge the images of the audits in a database, beside as many other workers as there are'
complete -c sealcheck -n '__sealcheck_at 0 audit' -a status -d 'say how far an audit has come, how fast it goes, and which registries it waits for'
complete -c sealcheck -n '__sealcheck_at 0 audit' -a report -d 'print what an audit found: by cause, or image for image'
complete -c sealcheck -n '__sealcheck_at 0 audit' -a rejudge -d 'begin another audit of the same images, as they were fetched, by another policy'
complete -c sealcheck -n '__sealcheck_at 0 audit' -a diff -d 'say which images two audits say different things of, and why'
complete -c sealcheck -n '__sealcheck_at 0 audit' -a explain -d 'say all of the verdict on one image of an audit, by judging again what was kept of it'
complete -c sealcheck -n '__sealcheck_at 0 audit' -a retry -d 'give the images of which nothing could be found out to the workers again'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l identity -x -d 'what the image was obtained as: docker://registry.example.com/repo:tag, the same without docker://, …@sha256:…, or any other transport:reference'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l openpgp -x -a 'all gnupg go sequoia' -d 'which builds of podman and skopeo have to accept an OpenPGP signature: all (the default), gnupg, go or sequoia, or several of them with commas'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l format -x -a 'text json jsonl' -d 'how to print: text (the default), for people, or json, for programs; where many images are judged also jsonl, one verdict a line'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l digest-file -r -F -d 'if accepted, write the manifest\'s digest to FILE (mode 0600, all or nothing)'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l manifest-out -r -F -d 'if accepted, write the manifest that was judged to FILE, in the same way'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l manifest-digest -x -d 'judge the signatures for this digest (sha256:…) and read no manifest: for whoever has compared the manifest with it'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l platform -x -d 'of an index, judge also the image for a platform, OS/ARCH[/VARIANT] or host, or all that it lists: either the index has to be accepted, or what it lists'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l blobs -x -a 'none present all' -d 'if accepted, compare the blobs that the manifest names with their digests and sizes: none (the default), those that are present, or all, of which none may be missing'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l layout-signatures -d 'take the signatures of a layout from what cosign attached in it (sha256-….sig, cosign save), not from signature-1, …'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l all-images -d 'judge every image of a containers-storage, under each of its names, instead of one by --identity'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l as-stored -d 'with --all-images: ask by the identity that images have in the storage (containers-storage:…), not by docker://NAME'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l load-signatures-from -x -a '(__fish_complete_directories (commandline -ct))' -d 'a directory with signature-1, signature-2, … to take the signatures from'
complete -c sealcheck -n '__sealcheck_in verify-installable' -l allow-empty -d 'exit with 0 if there is no request, or with --all-images no image, at all, instead of with 2'
complete -c sealcheck -n '__sealcheck_in verify-installable' -s q -l quiet -d 'print nothing; the exit code tells'
complete -c sealcheck -n '__sealcheck_at 0 verify-installable' -a '(__fish_complete_directories (commandline -ct))'
complete -c sealcheck -n '__sealcheck_in batch' -l openpgp -x -a 'all gnupg go sequoia' -d 'which builds of podman and skopeo have to accept an OpenPGP signature: all (the default), gnupg, go or sequoia, or several of them with commas'
complete -c sealcheck -n '__sealcheck_in batch' -l platform -x -d 'of an index, judge also the image for a platform, OS/ARCH[/VARIANT] or host, or all that it lists: either the index has to be accepted, or what it lists'
complete -c sealcheck -n '__sealcheck_in batch' -l blobs -x -a 'none present all' -d 'if accepted, compare the blobs that the manifest names with their digests and sizes: none (the default), those that are present, or all, of which none may be missing'
complete -c sealcheck -n '__sealcheck_in batch' -l layout-signatures -d 'take the signatures of a layout from what cosign attached in it (sha256-….sig, cosign save), not from signature-1, …'
complete -c sealcheck -n '__sealcheck_in batch' -l jobs -x -d 'judge with N threads; by default as many as there are processors, once there are many lines'
complete -c sealcheck -n '__sealcheck_in batch' -l allow-empty -d 'exit with 0 if there is no request, or with --all-images no image, at all, instead of with 2'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l openpgp -x -a 'all gnupg go sequoia' -d 'which builds of podman and skopeo have to accept an OpenPGP signature: all (the default), gnupg, go or sequoia, or several of them with commas'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l format -x -a 'text json jsonl junit sarif' -d 'how to print: text (the default), for people; json, one document; jsonl, one verdict a line; junit or sarif, for the programs that show results of tests and of scanners'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l platform -x -d 'of an index, judge all that it lists (all, the default), or the image for one platform: OS/ARCH[/VARIANT], or host'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l blobs -x -a 'none head full' -d 'of an image that is accepted: ask the registry whether it has each blob, and in which size (head, the default), download all and compare them with their digests (full), or neither (none)'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l jobs -x -d 'ask each registry about N images at a time; 16 by default'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l images -r -F -d 'a file that names images: one a line, or YAML in which image fields occur (Kubernetes, Compose, helm template, oc-mirror); - is standard input'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l all-tags -d 'each REF is a repository, of which all tags are judged'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l authfile -r -F -d 'credentials for registries, instead of those of the user\'s auth.json (containers-auth.json(5))'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l cert-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'certificates for registries, instead of those in certs.d (containers-certs.d(5))'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l tls-verify -d 'with =false, no registry needs a trusted certificate, nor TLS; with =true, each does; without it, registries.conf says it of each'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l report -r -F -d 'write a page about all images to FILE: HTML that needs nothing else and runs nothing of a registry\'s'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l pin -r -F -d 'if all are accepted, write the images pinned by their digests to FILE: the file of --images with everything else as it was, or one a line'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l resume -r -F -d 'keep the verdicts in STATE, a file that is made if it is not there, and go on from it: what was accepted or rejected by the same policy and settings is not asked for again'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l timeout -x -d 'how long a registry may take to be connected to, to answer, and between two pieces of what it sends; 30, 60 and 60 by default'
complete -c sealcheck -n '__sealcheck_in verify-policy' -l verbose -d 'name every image, also those that were accepted, and all of a group'
complete -c sealcheck -n '__sealcheck_in verify-policy' -s q -l quiet -d 'print nothing; the exit code tells'
complete -c sealcheck -n '__sealcheck_in serve' -l openpgp -x -a 'all gnupg go sequoia' -d 'which builds of podman and skopeo have to accept an OpenPGP signature: all (the default), gnupg, go or sequoia, or several of them with commas'
complete -c sealcheck -n '__sealcheck_in serve' -l authfile -r -F -d 'credentials for registries, instead of those of the user\'s auth.json (containers-auth.json(5))'
complete -c sealcheck -n '__sealcheck_in serve' -l cert-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'certificates for registries, instead of those in certs.d (containers-certs.d(5))'
complete -c sealcheck -n '__sealcheck_in serve' -l tls-verify -d 'with =false, no registry needs a trusted certificate, nor TLS; with =true, each does; without it, registries.conf says it of each'
complete -c sealcheck -n '__sealcheck_in serve' -l listen -x -d 'where to listen: unix:PATH, or unix:@NAME for a name without a file; without it, on the sockets that systemd hands over'
complete -c sealcheck -n '__sealcheck_in serve' -l listen-mode -x -d 'who may connect: the mode of the socket\'s file, 0600 by default, as 0660 or 0666'
complete -c sealcheck -n '__sealcheck_in serve' -l listen-owner -x -d 'whose file that is: numbers, UID or UID:GID'
complete -c sealcheck -n '__sealcheck_in serve' -l stdio -d 'serve one connection, on standard input and output'
complete -c sealcheck -n '__sealcheck_in serve' -l max-connections -x -d 'how many connections there may be at a time; 1024 by default'
complete -c sealcheck -n '__sealcheck_in serve' -l idle-timeout -x -d 'end once there was no connection for so long; never by default'
complete -c sealcheck -n '__sealcheck_in experimental-image-proxy' -l openpgp -x -a 'all gnupg go sequoia' -d 'which builds of podman and skopeo have to accept an OpenPGP signature: all (the default), gnupg, go or sequoia, or several of them with commas'
complete -c sealcheck -n '__sealcheck_in experimental-image-proxy' -l exit-codes -x -a 'skopeo detailed' -d 'skopeo (the default): 0, and 1 for any failure; detailed: those of verify-installable'
complete -c sealcheck -n '__sealcheck_in experimental-image-proxy' -l authfile -r -F -d 'credentials for registries, instead of those of the user\'s auth.json (containers-auth.json(5))'
complete -c sealcheck -n '__sealcheck_in experimental-image-proxy' -l cert-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'certificates for registries, instead of those in certs.d (containers-certs.d(5))'
complete -c sealcheck -n '__sealcheck_in experimental-image-proxy' -l tls-verify -d 'with =false, no registry needs a trusted certificate, nor TLS; with =true, each does; without it, registries.conf says it of each'
complete -c sealcheck -n '__sealcheck_in experimental-image-proxy' -l creds -x -d 'USER:PASSWORD for every registry, instead of what files say'
complete -c sealcheck -n '__sealcheck_in experimental-image-proxy' -l username -x -d 'the user for every registry, with --password'
complete -c sealcheck -n '__sealcheck_in experimental-image-proxy' -l password -x -d 'the password of --username'
complete -c sealcheck -n '__sealcheck_in experimental-image-proxy' -l no-creds -d 'ask registries without credentials'
complete -c sealcheck -n '__sealcheck_in experimental-image-proxy' -l registry-token -x -d 'a bearer token for the registry, instead of one that is asked for'
complete -c sealcheck -n '__sealcheck_in experimental-image-proxy' -l sockfd -x -d 'the descriptor of the socket to serve; 0, standard input, by default'
complete -c sealcheck -n '__sealcheck_in standalone-verify' -l openpgp -x -a 'all gnupg go sequoia' -d 'which builds of podman and skopeo have to accept an OpenPGP signature: all (the default), gnupg, go or sequoia, or several of them with commas'
complete -c sealcheck -n '__sealcheck_in standalone-verify' -l format -x -a 'text json' -d 'how to print: text (the default), for people, or json, for programs; where many images are judged also jsonl, one verdict a line'
complete -c sealcheck -n '__sealcheck_in standalone-verify' -l digest-file -r -F -d 'if accepted, write the manifest\'s digest to FILE (mode 0600, all or nothing)'
complete -c sealcheck -n '__sealcheck_in standalone-verify' -l manifest-out -r -F -d 'if accepted, write the manifest that was judged to FILE, in the same way'
complete -c sealcheck -n '__sealcheck_in standalone-verify' -l public-key-file -r -F -d 'the public keys to verify with, instead of those of the user\'s GnuPG keyring'
complete -c sealcheck -n '__sealcheck_in standalone-verify' -l system-signature-policy -d 'judge by policy.json, and by all signatures of the directory that --load-signatures-from names'
complete -c sealcheck -n '__sealcheck_in standalone-verify' -l load-signatures-from -x -a '(__fish_complete_directories (commandline -ct))' -d 'a directory with signature-1, signature-2, … to take the signatures from'
complete -c sealcheck -n '__sealcheck_in standalone-verify' -l exit-codes -x -a 'skopeo detailed' -d 'skopeo (the default): 0, and 1 for any failure; detailed: those of verify-installable'
complete -c sealcheck -n '__sealcheck_in standalone-verify' -s q -l quiet -d 'print nothing; the exit code tells'
complete -c sealcheck -n '__sealcheck_at 0 standalone-verify' -F
complete -c sealcheck -n '__sealcheck_at 3 standalone-verify' -F
complete -c sealcheck -n '__sealcheck_in standalone-sign' -s o -l output -r -F -d 'write to FILE; for policy init instead of standard output, and it must not exist yet'
complete -c sealcheck -n '__sealcheck_in standalone-sign' -l passphrase-file -r -F -d 'the passphrase of the key is the first line of FILE; without it, GnuPG asks'
complete -c sealcheck -n '__sealcheck_in standalone-sign' -l exit-codes -x -a 'skopeo detailed' -d 'skopeo (the default): 0, and 1 for any failure; detailed: those of verify-installable'
complete -c sealcheck -n '__sealcheck_at 0 standalone-sign' -F
complete -c sealcheck -n '__sealcheck_in manifest-digest' -l exit-codes -x -a 'skopeo detailed' -d 'skopeo (the default): 0, and 1 for any failure; detailed: those of verify-installable'
complete -c sealcheck -n '__sealcheck_at 0 manifest-digest' -F
complete -c sealcheck -n '__sealcheck_in untrusted-signature-dump' -l exit-codes -x -a 'skopeo detailed' -d 'skopeo (the default): 0, and 1 for any failure; detailed: those of verify-installable'
complete -c sealcheck -n '__sealcheck_at 0 untrusted-signature-dump' -F
complete -c sealcheck -n '__sealcheck_in policy check' -l format -x -a 'text json' -d 'how to print: text (the default), for people, or json, for programs; where many images are judged also jsonl, one verdict a line'
complete -c sealcheck -n '__sealcheck_in policy check' -l strict -d 'exit with 1 if there are warnings'
complete -c sealcheck -n '__sealcheck_at 0 policy check' -F
complete -c sealcheck -n '__sealcheck_in policy explain' -l format -x -a 'text json' -d 'how to print: text (the default), for people, or json, for programs; where many images are judged also jsonl, one verdict a line'
complete -c sealcheck -n '__sealcheck_in policy diff' -l format -x -a 'text json' -d 'how to print: text (the default), for people, or json, for programs; where many images are judged also jsonl, one verdict a line'
complete -c sealcheck -n '__sealcheck_in policy diff' -l identities -r -F -d 'the identities to compare the policies for, one a line; - is standard input'
complete -c sealcheck -n '__sealcheck_at 0 policy diff' -F
complete -c sealcheck -n '__sealcheck_at 1 policy diff' -F
complete -c sealcheck -n '__sealcheck_in policy show' -l format -x -a 'text json' -d 'how to print: text (the default), for people, or json, for programs; where many images are judged also jsonl, one verdict a line'
complete -c sealcheck -n '__sealcheck_in policy init' -l registry -x -d 'whose images to verify: registry.example.com, or registry.example.com/namespace'
complete -c sealcheck -n '__sealcheck_in policy init' -l key -r -F -d 'the public key that they are signed with, as an absolute path'
complete -c sealcheck -n '__sealcheck_in policy init' -l key-type -x -a 'gpg sigstore' -d 'what kind of key that is: gpg (the default, an OpenPGP keyring) or sigstore (a PEM file)'
complete -c sealcheck -n '__sealcheck_in policy init' -l preset -x -a 'fedora rhel9' -d 'a policy as a distribution ships it, instead of --registry and --key: fedora (Fedora 45, CentOS Stream 10, RHEL 10: Red Hat\'s registries by sigstore key and Rekor key) or rhel9 (RHEL 8 and 9: the same by GPG keys); both accept anything else'
complete -c sealcheck -n '__sealcheck_in policy init' -s o -l output -r -F -d 'write to FILE; for policy init instead of standard output, and it must not exist yet'
complete -c sealcheck -n '__sealcheck_in policy init' -l force -d 'replace the file that is there; and write a policy even if no image could be accepted by it here'
complete -c sealcheck -n '__sealcheck_in audit init' -l openpgp -x -a 'all gnupg go sequoia' -d 'which builds of podman and skopeo have to accept an OpenPGP signature: all (the default), gnupg, go or sequoia, or several of them with commas'
complete -c sealcheck -n '__sealcheck_in audit init' -l format -x -a 'text json' -d 'how to print: text (the default), for people, or json, for programs'
complete -c sealcheck -n '__sealcheck_in audit init' -l platform -x -d 'of an index, judge all that it lists (all, the default), or the image for one platform: OS/ARCH[/VARIANT], or host'
complete -c sealcheck -n '__sealcheck_in audit init' -l blobs -x -a 'none head' -d 'of an image, ask the registry whether it has each blob, and in which size (head, the default), or not (none)'
complete -c sealcheck -n '__sealcheck_in audit init' -l db -r -F -d 'the database of audits: a file (audit.sqlite by default), or postgres://[USER@]HOST[:PORT]/DATABASE; what the address does not say comes from the variables of libpq (PGHOST, PGUSER, PGPASSFILE, PGSSLMODE, …)'
complete -c sealcheck -n '__sealcheck_in audit init' -l name -x -d 'what the new audit is called; the time by default'
complete -c sealcheck -n '__sealcheck_in audit init' -l evidence -x -a '(__fish_complete_directories (commandline -ct))' -d 'where manifests and signatures are kept, for all workers: a directory (that of the database with .evidence behind its name by default), or s3://BUCKET/PREFIX'
complete -c sealcheck -n '__sealcheck_in audit init' -l rate -x -d 'send each registry no more than N requests in a UNIT (s, the default, m, h or d), by all workers together; as many as it takes by default'
complete -c sealcheck -n '__sealcheck_in audit init' -l per-registry -x -d 'work on N chunks of a registry at a time, by all workers together; 4 by default'
complete -c sealcheck -n '__sealcheck_in audit init' -l park -x -d 'leave a registry alone for so long when it does not answer, then 5 and 25 times as long, then take that for the result; 60 by default'
complete -c sealcheck -n '__sealcheck_in audit add' -l images -r -F -d 'a file that names images: one a line, or YAML in which image fields occur (Kubernetes, Compose, helm template, oc-mirror); - is standard input'
complete -c sealcheck -n '__sealcheck_in audit add' -l all-tags -d 'each REF is a repository, of which all tags are judged'
complete -c sealcheck -n '__sealcheck_in audit add' -l db -r -F -d 'the database of audits: a file (audit.sqlite by default), or postgres://[USER@]HOST[:PORT]/DATABASE; what the address does not say comes from the variables of libpq (PGHOST, PGUSER, PGPASSFILE, PGSSLMODE, …)'
complete -c sealcheck -n '__sealcheck_in audit add' -l audit -x -d 'which audit; the one that was made last by default'
complete -c sealcheck -n '__sealcheck_in audit add' -l storage -d 'add the images that podman has on this machine, under each of their names: those of this user, or of each REF, containers-storage: or containers-storage:[DRIVER@ROOT]'
complete -c sealcheck -n '__sealcheck_in audit add' -l machine -x -d 'with --storage, what this machine is called in the audit; its host name by default'
complete -c sealcheck -n '__sealcheck_in audit add' -s q -l quiet -d 'print nothing; the exit code tells'
complete -c sealcheck -n '__sealcheck_in audit work' -l jobs -x -d 'fetch N chunks at a time, with some images of each; 8 by default'
complete -c sealcheck -n '__sealcheck_in audit work' -l authfile -r -F -d 'credentials for registries, instead of those of the user\'s auth.json (containers-auth.json(5))'
complete -c sealcheck -n '__sealcheck_in audit work' -l cert-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'certificates for registries, instead of those in certs.d (containers-certs.d(5))'
complete -c sealcheck -n '__sealcheck_in audit work' -l tls-verify -d 'with =false, no registry needs a trusted certificate, nor TLS; with =true, each does; without it, registries.conf says it of each'
complete -c sealcheck -n '__sealcheck_in audit work' -l db -r -F -d 'the database of audits: a file (audit.sqlite by default), or postgres://[USER@]HOST[:PORT]/DATABASE; what the address does not say comes from the variables of libpq (PGHOST, PGUSER, PGPASSFILE, PGSSLMODE, …)'
complete -c sealcheck -n '__sealcheck_in audit work' -l wait -d 'go on looking for work when there is none left'
complete -c sealcheck -n '__sealcheck_in audit work' -l lease -x -d 'after how long without a word of a worker others take over its chunks; 60 by default'
complete -c sealcheck -n '__sealcheck_in audit work' -l timeout -x -d 'how long a registry may take to be connected to, to answer, and between two pieces of what it sends; 30, 60 and 60 by default'
complete -c sealcheck -n '__sealcheck_in audit work' -s q -l quiet -d 'print nothing; the exit code tells'
complete -c sealcheck -n '__sealcheck_in audit status' -l format -x -a 'text json' -d 'how to print: text (the default), for people, or json, for programs'
complete -c sealcheck -n '__sealcheck_in audit status' -l db -r -F -d 'the database of audits: a file (audit.sqlite by default), or postgres://[USER@]HOST[:PORT]/DATABASE; what the address does not say comes from the variables of libpq (PGHOST, PGUSER, PGPASSFILE, PGSSLMODE, …)'
complete -c sealcheck -n '__sealcheck_in audit status' -l audit -x -d 'which audit; the one that was made last by default'
complete -c sealcheck -n '__sealcheck_in audit report' -l format -x -a 'text json jsonl sarif' -d 'how to print: text (the default), causes, registries and signers, for people; json, the same for programs; jsonl, one image a line; sarif, one result for each cause'
complete -c sealcheck -n '__sealcheck_in audit report' -l db -r -F -d 'the database of audits: a file (audit.sqlite by default), or postgres://[USER@]HOST[:PORT]/DATABASE; what the address does not say comes from the variables of libpq (PGHOST, PGUSER, PGPASSFILE, PGSSLMODE, …)'
complete -c sealcheck -n '__sealcheck_in audit report' -l audit -x -d 'which audit; the one that was made last by default'
complete -c sealcheck -n '__sealcheck_in audit report' -l report -r -F -d 'write a page to FILE: HTML with causes, registries and signers that asks nobody for anything, and beside it, in FILE.d, pages with the images of each cause'
complete -c sealcheck -n '__sealcheck_in audit report' -l verbose -d 'list more causes, registries and signers, and reasons in full'
complete -c sealcheck -n '__sealcheck_in audit rejudge' -l openpgp -x -a 'all gnupg go sequoia' -d 'which builds of podman and skopeo have to accept an OpenPGP signature: all (the default), gnupg, go or sequoia, or several of them with commas'
complete -c sealcheck -n '__sealcheck_in audit rejudge' -l format -x -a 'text json' -d 'how to print: text (the default), for people, or json, for programs'
complete -c sealcheck -n '__sealcheck_in audit rejudge' -l db -r -F -d 'the database of audits: a file (audit.sqlite by default), or postgres://[USER@]HOST[:PORT]/DATABASE; what the address does not say comes from the variables of libpq (PGHOST, PGUSER, PGPASSFILE, PGSSLMODE, …)'
complete -c sealcheck -n '__sealcheck_in audit rejudge' -l audit -x -d 'which audit; the one that was made last by default'
complete -c sealcheck -n '__sealcheck_in audit rejudge' -l name -x -d 'what the new audit is called; the time by default'
complete -c sealcheck -n '__sealcheck_in audit diff' -l format -x -a 'text json jsonl' -d 'how to print: text (the default), the kinds of change, for people; json, the same for programs; or jsonl, one image a line'
complete -c sealcheck -n '__sealcheck_in audit diff' -l db -r -F -d 'the database of audits: a file (audit.sqlite by default), or postgres://[USER@]HOST[:PORT]/DATABASE; what the address does not say comes from the variables of libpq (PGHOST, PGUSER, PGPASSFILE, PGSSLMODE, …)'
complete -c sealcheck -n '__sealcheck_in audit diff' -l verbose -d 'list more kinds of change, and reasons in full'
complete -c sealcheck -n '__sealcheck_in audit explain' -l format -x -a 'text json' -d 'how to print: text (the default), for people, or json, the verdict for programs'
complete -c sealcheck -n '__sealcheck_in audit explain' -l db -r -F -d 'the database of audits: a file (audit.sqlite by default), or postgres://[USER@]HOST[:PORT]/DATABASE; what the address does not say comes from the variables of libpq (PGHOST, PGUSER, PGPASSFILE, PGSSLMODE, …)'
complete -c sealcheck -n '__sealcheck_in audit explain' -l audit -x -d 'which audit; the one that was made last by default'
complete -c sealcheck -n '__sealcheck_in audit retry' -l db -r -F -d 'the database of audits: a file (audit.sqlite by default), or postgres://[USER@]HOST[:PORT]/DATABASE; what the address does not say comes from the variables of libpq (PGHOST, PGUSER, PGPASSFILE, PGSSLMODE, …)'
complete -c sealcheck -n '__sealcheck_in audit retry' -l audit -x -d 'which audit; the one that was made last by default'
complete -c sealcheck -n '__sealcheck_at 0 help' -a verify-installable -d 'say whether the policy allows an image that is on disk'
complete -c sealcheck -n '__sealcheck_at 0 help' -a batch -d 'judge many images: requests as JSON Lines in, verdicts as JSON Lines out'
complete -c sealcheck -n '__sealcheck_at 0 help' -a verify-policy -d 'check, before a roll-out, that registries and their mirrors give images that the policy accepts'
complete -c sealcheck -n '__sealcheck_at 0 help' -a serve -d 'answer other programs that ask, by varlink, whether the policy allows an image'
complete -c sealcheck -n '__sealcheck_at 0 help' -a experimental-image-proxy -d 'serve images to a program on a socket, as skopeo\'s image proxy does, with an identity if that is given'
complete -c sealcheck -n '__sealcheck_at 0 help' -a standalone-verify -d 'verify a signature of a manifest, with files on disk only'
complete -c sealcheck -n '__sealcheck_at 0 help' -a standalone-sign -d 'sign a manifest with a key of the user\'s GnuPG keyring, for tests'
complete -c sealcheck -n '__sealcheck_at 0 help' -a manifest-digest -d 'print the digest of a manifest'
complete -c sealcheck -n '__sealcheck_at 0 help' -a untrusted-signature-dump -d 'print what a signature says of itself, WITHOUT VERIFYING IT'
complete -c sealcheck -n '__sealcheck_at 0 help' -a help -d 'print help, in general or on a command'
complete -c sealcheck -n '__sealcheck_at 0 help' -a policy -d 'commands for whoever writes a policy.json'
complete -c sealcheck -n '__sealcheck_at 0 help' -a audit -d 'commands for whoever has many images to look after'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after policy' -a check -d 'say what is wrong with a policy, and with the keys and certificates that it names'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after policy' -a explain -d 'say which part of the policy decides about an image, and what it asks for'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after policy' -a diff -d 'say for which images two policies ask for something else'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after policy' -a show -d 'list all that the policy trusts'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after policy' -a init -d 'write a first policy: one registry with a key, everything else rejected'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after audit' -a init -d 'begin an audit of many images by a policy, in a new database or one that has audits already'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after audit' -a add -d 'add images to an audit: references, a list of them, all tags of repositories, or what lies on this machine'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after audit' -a work -d 'fetch and judge the images of the audits in a database, beside as many other workers as there are'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after audit' -a status -d 'say how far an audit has come, how fast it goes, and which registries it waits for'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after audit' -a report -d 'print what an audit found: by cause, or image for image'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after audit' -a rejudge -d 'begin another audit of the same images, as they were fetched, by another policy'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after audit' -a diff -d 'say which images two audits say different things of, and why'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after audit' -a explain -d 'say all of the verdict on one image of an audit, by judging again what was kept of it'
complete -c sealcheck -n '__sealcheck_at 1 help; and __sealcheck_after audit' -a retry -d 'give the images of which nothing could be found out to the workers again'
